// The pictures: spectrogram, scores, timeline. Nothing here knows the server.

const CHANNELS = 40;
const SECONDS = 10;
const COLOURS = ["#8a8f98", "#c77d0a", "#1f9e74", "#4a78d6", "#c2478f", "#7d5fc4", "#b0512c", "#2c8fa8"];
// Perceptually even dark-to-light stops (matplotlib's "inferno", sampled).
const STOPS = [[0, 0, 4], [40, 11, 84], [101, 21, 110], [159, 42, 99], [212, 72, 66], [245, 125, 21], [250, 193, 39], [252, 255, 164]];

function shade(value) { // 0..1 -> [r, g, b]
  const at = Math.min(Math.max(value, 0), 1) * (STOPS.length - 1);
  const low = Math.min(Math.floor(at), STOPS.length - 2);
  return STOPS[low].map((part, i) => part + (STOPS[low + 1][i] - part) * (at - low));
}

const TABLE = Array.from({ length: 256 }, (_, i) => shade(i / 255));

export class Spectrogram {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.context.fillStyle = "rgb(0,0,4)";
    this.context.fillRect(0, 0, canvas.width, canvas.height);
  }

  // `bytes` holds rows of 40 int8, oldest first; each becomes a column at the right edge.
  add(bytes) {
    const { width, height } = this.canvas;
    const count = Math.min(Math.floor(bytes.length / CHANNELS), width);
    if (!count) return;
    this.context.putImageData(this.context.getImageData(count, 0, width - count, height), 0, 0);
    const image = this.context.createImageData(count, height);
    for (let x = 0; x < count; x++) {
      for (let y = 0; y < CHANNELS; y++) {
        const [r, g, b] = TABLE[(bytes[bytes.length - (count - x) * CHANNELS + y] + 128) & 255];
        image.data.set([r, g, b, 255], ((CHANNELS - 1 - y) * count + x) * 4);
      }
    }
    this.context.putImageData(image, width - count, 0);
  }
}

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function layout(extra) {
  const axis = { gridcolor: style("--line"), zeroline: false, fixedrange: true };
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { color: style("--text"), size: 13 },
    margin: { l: 48, r: 12, t: 8, b: 40 }, showlegend: false, hovermode: "closest", ...extra,
    xaxis: { ...axis, ...extra.xaxis }, yaxis: { ...axis, ...extra.yaxis },
  };
}

const CONFIG = { displayModeBar: false, responsive: true };
const plots = new Set();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plots.forEach((plot) => plot.draw()));

export function colourOf(labels, label) {
  return COLOURS[Math.max(labels.indexOf(label), 0) % COLOURS.length];
}

export class Scores {
  constructor(place, labels) {
    this.place = place;
    this.labels = labels;
    this.thresholds = {};
    this.points = []; // [ms, score per label], oldest first
    plots.add(this);
    this.draw();
  }

  forget() {
    plots.delete(this);
  }

  add(points) {
    if (!points.length) return;
    const last = this.points.at(-1);
    if (last && points[0][0] < last[0]) this.points = []; // the board has restarted
    this.points.push(...points);
    const from = this.points.at(-1)[0] - SECONDS * 1000;
    this.points = this.points.filter((point) => point[0] >= from);
    this.draw();
  }

  draw() {
    const end = this.points.at(-1)?.[0] ?? 0;
    const seconds = this.points.map((point) => (point[0] - end) / 1000);
    const traces = this.labels.map((label, i) => ({
      name: label, x: seconds, y: this.points.map((point) => point[i + 1]), mode: "lines",
      line: { color: COLOURS[i % COLOURS.length], width: 2 }, hovertemplate: "%{y}",
    }));
    const shapes = Object.entries(this.thresholds).map(([label, value]) => ({
      type: "line", xref: "paper", x0: 0, x1: 1, y0: value, y1: value,
      line: { color: colourOf(this.labels, label), width: 1, dash: "dot" },
    }));
    Plotly.react(this.place, traces, layout({
      shapes, showlegend: true, legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      margin: { l: 48, r: 12, t: 56, b: 40 },
      xaxis: { range: [-SECONDS, 0], title: { text: "seconds ago", standoff: 4 } },
      yaxis: { range: [0, 260], title: { text: "score" } },
    }), CONFIG);
  }
}

export class Timeline {
  constructor(place) {
    this.place = place;
    this.heard = [];
    plots.add(this);
    this.draw();
  }

  add(events) {
    this.heard = [...this.heard, ...events].slice(-100);
    this.draw();
  }

  draw() {
    const words = [...new Set(this.heard.map((event) => event.label))].sort();
    const traces = words.map((word) => {
      const own = this.heard.filter((event) => event.label === word);
      return {
        name: word, x: own.map((event) => new Date(event.time)), y: own.map(() => word), mode: "markers",
        marker: { size: own.map((event) => 6 + event.score / 16), color: style("--accent"), opacity: 0.75 },
        text: own.map((event) => String(event.score)), hovertemplate: "%{x|%H:%M:%S}, score %{text}",
      };
    });
    Plotly.react(this.place, traces, layout({
      margin: { l: 80, r: 12, t: 8, b: 28 },
      xaxis: { type: "date", tickformat: "%H:%M:%S", tickangle: 0, nticks: 5, ...(this.heard.length ? {} : { showticklabels: false }) },
      yaxis: { type: "category", automargin: true },
    }), CONFIG);
  }
}
