"""Lesson 2: gradient descent finds the line by itself.

    python scripts/02_descent.py

begins and ends with

    Epoch  0: w=10.00 b=10.00, loss=715.67
    Epoch  1: w=-6.19 b=3.56, loss=255.55
    Epoch 49: w=2.00 b=-1.00, loss=0.00

From a rate of 0.177 on every step overshoots further than the one before: try 0.2.
"""

import tensorflow as tf

# settings
START_W, START_B = 10.0, 10.0
LEARNING_RATE = 0.14
EPOCHS = 50
XS = [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]
YS = [-3.0, -1.0, 1.0, 3.0, 5.0, 7.0]  # y = 2x - 1

w, b = tf.Variable(START_W), tf.Variable(START_B)
for epoch in range(EPOCHS):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(w * XS + b - YS))
    print(f"Epoch {epoch:2d}: w={float(w):.2f} b={float(b):.2f}, loss={float(loss):.2f}")
    dw, db = tape.gradient(loss, [w, b])
    w.assign_sub(LEARNING_RATE * dw)
    b.assign_sub(LEARNING_RATE * db)
