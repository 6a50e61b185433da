"""How good a forecast was: proper scores against what was published later, beside a rival."""
