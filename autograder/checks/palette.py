"""Colours of figures that are distinct for every common colour vision (Okabe and Ito)."""

BLUE, ORANGE, GREEN, BLACK = "#0072B2", "#D55E00", "#009E73", "#000000"
GREY = "0.5"
