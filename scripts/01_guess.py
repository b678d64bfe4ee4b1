"""Lesson 1: guess a line by hand, and measure how wrong it is. It needs nothing but Python.

    python scripts/01_guess.py

prints, for the guess w = 3, b = 1:

    prediction:     [-2.0, 1.0, 4.0, 7.0, 10.0, 13.0]
    squared errors: [1.0, 4.0, 9.0, 16.0, 25.0, 36.0]
    loss (root mean squared error): 3.89

Try w = 2, b = -1.
"""

import math

# settings
W, B = 3, 1
XS = [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]
YS = [-3.0, -1.0, 1.0, 3.0, 5.0, 7.0]  # y = 2x - 1

predictions = [W * x + B for x in XS]
squared_errors = [(prediction - y) ** 2 for prediction, y in zip(predictions, YS, strict=True)]
rmse = math.sqrt(sum(squared_errors) / len(squared_errors))

print("ground truth:  ", YS)
print("prediction:    ", predictions)
print("squared errors:", squared_errors)
print(f"loss (root mean squared error): {rmse:.2f}")
