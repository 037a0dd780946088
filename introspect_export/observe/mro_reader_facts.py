"""Attributes and functions that expose a method resolution order, and functions whose results flattening keeps.

Functions of the standard library are analyzed like all others; the tables list those for which the analysis of their
text would be too conservative. Names are those of the modules that define the functions.
"""

from __future__ import annotations

from introspect_export.observe.raw import stored

# https://docs.python.org/3/reference/datamodel.html#type-mro, https://docs.python.org/3/library/stdtypes.html#class.mro
MRO_ATTRIBUTES = frozenset({'__mro__', 'mro', '__bases__', '__base__', '__subclasses__'})
BASE_ATTRIBUTES = frozenset({'__bases__', '__base__'})
# What belongs to one class and is not inherited: https://docs.python.org/3/reference/datamodel.html#custom-classes
OWN_ATTRIBUTES = frozenset({'__dict__', '__annotations__'})
# As arguments of getattr, operator.attrgetter and the like, these strings are unambiguous; ``mro`` is not.
MRO_STRINGS = MRO_ATTRIBUTES - {'mro'}
# https://docs.python.org/3/reference/datamodel.html#function.__closure__,
# https://docs.python.org/3/library/inspect.html#inspect.getclosurevars
CELL_ATTRIBUTES = frozenset({'__closure__', 'co_freevars', 'getclosurevars'})

MRO = 'mro'
"""The code can determine which class defines an attribute."""
NAMES = 'names'
"""The code lists the names of the class and its ancestors."""
BASES = 'bases'
"""The code reads the names of the direct bases."""
SUPER = 'super'
"""The code looks an attribute up in the classes after the class in its MRO: ``super(type(self), self).x``."""

CLASS_LOOKS = {
    # https://docs.python.org/3/library/functions.html#vars
    'builtins.vars': MRO,
    # https://docs.python.org/3/library/functions.html#dir
    'builtins.dir': NAMES,
    # https://docs.python.org/3/library/inspect.html#inspect.getmembers: the values are what attribute access gives.
    'inspect.getmembers': NAMES,
    # https://docs.python.org/3/library/inspect.html#inspect.getmembers_static: looked up as attribute access does.
    'inspect.getmembers_static': NAMES,
    # https://docs.python.org/3/library/inspect.html#inspect.classify_class_attrs: names the defining class of each.
    'inspect.classify_class_attrs': MRO,
    # https://docs.python.org/3/library/inspect.html#inspect.getdoc: docstrings are inherited.
    'inspect.getdoc': MRO,
    # https://docs.python.org/3/library/inspect.html#inspect.getmro
    'inspect.getmro': MRO,
    # https://docs.python.org/3/library/inspect.html#inspect.getclasstree
    'inspect.getclasstree': MRO,
    # https://docs.python.org/3/library/typing.html#typing.get_type_hints: annotations of every class of the MRO.
    'typing.get_type_hints': MRO,
    # https://docs.python.org/3/library/inspect.html#inspect.get_annotations: those of the very class.
    'inspect.get_annotations': MRO,
}
"""Functions that inspect a class passed to them, and what they expose of it."""

INSTANCE_LOOKS = {
    'builtins.dir': NAMES,
    'inspect.getmembers': NAMES,
    'inspect.getmembers_static': NAMES,
}
"""Functions that inspect the class of an object passed to them."""

METHOD_LOOKS = frozenset({'inspect.getdoc'})
"""Functions that search the MRO for other methods with the name of a given one: ``inspect.getdoc(self.f)``."""

HARMLESS = frozenset(
    {
        # https://docs.python.org/3/library/copy.html, https://docs.python.org/3/library/pickle.html: by the protocol
        # of https://docs.python.org/3/library/pickle.html#object.__reduce_ex__, which looks for slots in the MRO;
        # classes whose ancestors have slots are refused.
        'copy.copy', 'copy.deepcopy', 'pickle.dumps', 'pickle.dump', 'pickle._dumps', 'pickle._dump',
        'copyreg.__reduce_ex__',
        # https://docs.python.org/3/library/inspect.html#inspect.signature: of what attribute access finds.
        'inspect.signature', 'inspect.getfullargspec', 'inspect.isabstract', 'inspect.isclass',
        # The first hit in the MRO: https://docs.python.org/3/library/inspect.html#inspect.getattr_static
        'inspect.getattr_static',
        # These read the file or the module of the class: https://docs.python.org/3/library/inspect.html
        'inspect.getfile', 'inspect.getmodule', 'inspect.getsourcefile',
        # https://docs.python.org/3/library/functools.html#functools.singledispatch: the first registered class in the
        # MRO; a registered ancestor is passed to a function, and so it stays an ancestor.
        'functools.singledispatch', 'functools.singledispatchmethod', 'functools.update_wrapper', 'functools.wraps',
        # https://docs.python.org/3/library/functools.html#functools.total_ordering: reads attributes of the class.
        'functools.total_ordering',
        # https://docs.python.org/3/library/dataclasses.html: flattening checks dataclass fields itself.
        'dataclasses.dataclass', 'dataclasses.fields', 'dataclasses.asdict', 'dataclasses.astuple',
        'dataclasses.replace', 'dataclasses.is_dataclass', 'dataclasses._process_class',
        # https://docs.python.org/3/library/typing.html#typing.Protocol: they search the MRO for the next constructor,
        # and for the members of a protocol.
        'typing._no_init_or_replace_init', 'typing._proto_hook',
        'typing.Protocol.__init_subclass__.<locals>._proto_hook',
        # https://docs.python.org/3/library/abc.html: abstract members are compared by name.
        'abc.update_abstractmethods', 'abc.ABCMeta.register',
        # https://docs.python.org/3/library/logging.html, https://docs.python.org/3/library/warnings.html: only printed.
        'warnings.warn', 'warnings.warn_explicit',
    }
)  # fmt: skip
"""Functions that inspect a class or its MRO, with the same result for the flattened class."""

PASSING = frozenset(
    {
        # https://docs.python.org/3/library/functions.html: the result is, or contains, an argument.
        'builtins.list', 'builtins.tuple', 'builtins.set', 'builtins.frozenset', 'builtins.dict', 'builtins.reversed',
        'builtins.sorted', 'builtins.iter', 'builtins.next', 'builtins.enumerate', 'builtins.zip', 'builtins.map',
        'builtins.filter', 'builtins.max', 'builtins.min', 'typing.cast', 'copy.copy', 'copy.deepcopy',
        'itertools.chain', 'functools.partial', 'collections.deque',
        'weakref.ref', 'weakref.proxy', 'weakref.ReferenceType',
        'itertools.repeat', 'itertools.cycle',
    }
)  # fmt: skip
"""Functions whose result is, or contains, an argument."""

CALLING = frozenset({'functools.partial', 'builtins.map', 'builtins.filter', '_thread.start_new_thread'})
"""Functions that call their first argument with the other arguments."""


def name_of(function: object) -> str:
    """The key of a function or class in the tables: its module and qualified name."""
    module, name = stored(function, '__module__'), stored(function, '__qualname__')
    return f'{module}.{name}' if isinstance(module, str) and isinstance(name, str) else ''


def is_harmless(function: object) -> bool:
    """Whether the result of a function is known to be the same for the flattened class."""
    return name_of(function) in HARMLESS
