"""How introspect_export is built and installed."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent


def read_version() -> str:
    """Return `__version__` from its file; importing the package would need its dependencies."""
    text = (ROOT / 'introspect_export' / '_version.py').read_text(encoding='utf-8')
    found = re.search(r"^__version__ = '([^']+)'$", text, re.MULTILINE)
    if found is None:
        raise RuntimeError('introspect_export/_version.py does not set __version__')
    return found.group(1)


def read_description() -> str:
    """Return the README, or nothing where it was left out of an archive."""
    readme = ROOT / 'README.md'
    return readme.read_text(encoding='utf-8') if readme.is_file() else ''


setup(
    name='introspect-export',
    version=read_version(),
    description='Turn an mmengine config into a small package that stands alone.',
    long_description=read_description(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=['introspect_export', 'introspect_export.*']),
    package_data={
        'introspect_export': [
            'py.typed',
            'documents/templates/*',
            'inspect/page/templates/*',
            'linearize/README.md',
            'substitutes/*.toml',
            'substitutes/*/*.py',
        ],
    },
    install_requires=[
        'astor>=0.8.1',
        'click>=8.0',
        'dill>=0.3.6',
        'PyYAML',
        'jinja2>=3.0',
        'mmengine>=0.10.0',
        'packaging>=21.0',
        'pygments>=2.10',
        'rich>=12.0',
        'tomli>=2.0; python_version < "3.11"',
        'torch>=2.0',
    ],
    extras_require={
        'dask': ['distributed>=2023.5'],
        'test': [
            'distributed>=2023.5',
            'hypothesis>=6.80',
            'import-linter>=2.6',
            'mypy>=1.8',
            'pytest>=7.4',
            'pytest-xdist>=3.3',
            'ruff>=0.6',
        ],
    },
    entry_points={
        'console_scripts': ['introspect-export = introspect_export.cli:main'],
    },
    classifiers=[
        'Development Status :: 3 - Alpha',
        'Environment :: Console',
        'Intended Audience :: Developers',
        'Intended Audience :: Science/Research',
        'Programming Language :: Python :: 3 :: Only',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Topic :: Software Development :: Code Generators',
    ],
)
