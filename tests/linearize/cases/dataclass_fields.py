"""Inherited fields come first, and a field that is made again keeps its place."""

from dataclasses import dataclass, field


@dataclass
class Parent:
    x: int
    y: int = 2
    z: list = field(default_factory=list)

    def __post_init__(self):
        self.z.append(self.x)


@dataclass
class Leaf(Parent):
    y: int = 5
    w: str = 'w'

    def __post_init__(self):
        super().__post_init__()
        self.z.append(self.w)


# output
@dataclass
class Leaf:
    # -- from Parent (dataclass_fields.py:7)
    x: int
    y: int = 2
    z: list = field(default_factory=list)

    def _Parent_post_init(self):
        self.z.append(self.x)

    # -- of Leaf itself
    y: int = 5
    w: str = 'w'

    def __post_init__(self):
        self._Parent_post_init()
        self.z.append(self.w)
