"""What looks at the classes of a method resolution order, and which functions are known to make no difference.

The standard library's functions are read like everybody's; what stands here are those whose text shows more than
they do with it. Names are those of the modules that define them.
"""

from __future__ import annotations

from introspect_export.observe.raw import stored

# https://docs.python.org/3/reference/datamodel.html#type-mro, https://docs.python.org/3/library/stdtypes.html#class.mro
MRO_ATTRIBUTES = frozenset({'__mro__', 'mro', '__bases__', '__base__', '__subclasses__'})
BASE_ATTRIBUTES = frozenset({'__bases__', '__base__'})
# What each class has of its own: https://docs.python.org/3/reference/datamodel.html#custom-classes
OWN_ATTRIBUTES = frozenset({'__dict__', '__annotations__'})
# Strings that name nothing else, for getattr, operator.attrgetter and the like.
MRO_STRINGS = MRO_ATTRIBUTES - {'mro'}
# https://docs.python.org/3/reference/datamodel.html#function.__closure__,
# https://docs.python.org/3/library/inspect.html#inspect.getclosurevars
CELL_ATTRIBUTES = frozenset({'__closure__', 'co_freevars', 'getclosurevars'})

MRO = 'mro'
"""Which class has what is seen."""
NAMES = 'names'
"""All names that the class and its ancestors have are listed."""
BASES = 'bases'
"""What the direct bases are called is seen."""
SUPER = 'super'
"""What comes behind the class is asked for an attribute: ``super(type(self), self).x``."""

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
"""Functions that look at a class that they are given, and what they see."""

INSTANCE_LOOKS = {
    'builtins.dir': NAMES,
    'inspect.getmembers': NAMES,
    'inspect.getmembers_static': NAMES,
}
"""Functions that look at the class of an object that they are given."""

METHOD_LOOKS = frozenset({'inspect.getdoc'})
"""Functions that look from a method for others of its name: ``inspect.getdoc(self.f)``."""

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
        # They ask the file, the text or the module of the class: https://docs.python.org/3/library/inspect.html
        'inspect.getfile', 'inspect.getmodule', 'inspect.getsourcefile',
        # https://docs.python.org/3/library/functools.html#functools.singledispatch: the class registered for it that is
        # first in the MRO; an ancestor that is registered is handed to a function, and stays an ancestor.
        'functools.singledispatch', 'functools.singledispatchmethod', 'functools.update_wrapper', 'functools.wraps',
        # https://docs.python.org/3/library/functools.html#functools.total_ordering: attributes of the class.
        'functools.total_ordering',
        # https://docs.python.org/3/library/dataclasses.html: fields are decided on by themselves.
        'dataclasses.dataclass', 'dataclasses.fields', 'dataclasses.asdict', 'dataclasses.astuple',
        'dataclasses.replace', 'dataclasses.is_dataclass', 'dataclasses._process_class',
        # https://docs.python.org/3/library/typing.html#typing.Protocol: the next constructor of the MRO, and whether a
        # class has members.
        'typing._no_init_or_replace_init', 'typing._proto_hook',
        'typing.Protocol.__init_subclass__.<locals>._proto_hook',
        # https://docs.python.org/3/library/abc.html: what is abstract is compared by name.
        'abc.update_abstractmethods', 'abc.ABCMeta.register',
        # https://docs.python.org/3/library/logging.html, https://docs.python.org/3/library/warnings.html: printed.
        'warnings.warn', 'warnings.warn_explicit',
    }
)  # fmt: skip
"""Functions that look, and what they find is the same for the flattened class."""

PASSING = frozenset(
    {
        # https://docs.python.org/3/library/functions.html: what comes out is, or holds, what went in.
        'builtins.list', 'builtins.tuple', 'builtins.set', 'builtins.frozenset', 'builtins.dict', 'builtins.reversed',
        'builtins.sorted', 'builtins.iter', 'builtins.next', 'builtins.enumerate', 'builtins.zip', 'builtins.map',
        'builtins.filter', 'builtins.max', 'builtins.min', 'typing.cast', 'copy.copy', 'copy.deepcopy',
        'itertools.chain', 'functools.partial', 'collections.deque',
        'weakref.ref', 'weakref.proxy', 'weakref.ReferenceType',
        'itertools.repeat', 'itertools.cycle',
    }
)  # fmt: skip
"""Functions whose result is, or holds, what they are given."""

CALLING = frozenset({'functools.partial', 'builtins.map', 'builtins.filter', '_thread.start_new_thread'})
"""Functions that call their first argument with the others."""


def name_of(function: object) -> str:
    """The module and qualified name of a function or class, by which the tables have it."""
    module, name = stored(function, '__module__'), stored(function, '__qualname__')
    return f'{module}.{name}' if isinstance(module, str) and isinstance(name, str) else ''


def is_harmless(function: object) -> bool:
    """Whether what a function finds when it looks is the same for the flattened class."""
    return name_of(function) in HARMLESS
