"""No order helps where each class reads as a global what the other has as a member."""

size = 1
width = 2


class Parent:
    size = 5
    inside = [width]


class Leaf(Parent):
    width = 7
    outside = [size]


# output
# IE-LIN-CAPTURE captured_both_ways:Leaf: size is a global in Leaf and a member of another class (captured_both_ways.py:14)
