"""The page, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from browser import BROWSER, DRIVER, Browser, browser

from introspect_export.inspect import Report
from introspect_export.inspect.page import page

in_browser = pytest.mark.skipif(not (BROWSER and DRIVER), reason='needs chromium and chromedriver')
ROWS = "return [...document.querySelectorAll('.row')].map(row => row.querySelector('.label').textContent)"
READY = "return document.documentElement.dataset.ready === 'yes'"
DETAIL = "return document.getElementById('detail').innerText"
ENTER, ESCAPE, DOWN, RIGHT = '\ue007', '\ue00c', '\ue015', '\ue014'


@pytest.fixture(scope='module')
def window() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture
def opened(window: Browser, report: Report, tmp_path: Path) -> Browser:
    (tmp_path / 'page.html').write_text(page(report), encoding='utf-8')
    window.open('about:blank')
    window.open((tmp_path / 'page.html').as_uri())
    window.wait(READY)
    return window


def test_nothing_is_loaded(report: Report) -> None:
    text = page(report)
    assert not re.search(r'(src|href)\s*=|@import|url\((?!#)|fetch\(|XMLHttpRequest', text)


def test_the_same_report_gives_the_same_page(report: Report) -> None:
    assert page(report) == page(report)


def test_text_cannot_break_out(report: Report) -> None:
    argument = replace(report.items[0].arguments[0], text='</script><b>')
    item = replace(report.items[0], arguments=(argument,))
    text = page(replace(report, items=(item,)))
    assert '</script><b>' not in text
    found = re.search('<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found and '</script><b>' in str(json.loads(found[1]))


@in_browser
def test_tree_and_arguments(opened: Browser) -> None:
    assert opened.run(ROWS)[:5] == ['model', 'data_preprocessor', 'tree', 'basket', 'box']
    opened.run("document.querySelectorAll('.row')[2].click()")
    shown = opened.run(DETAIL)
    assert "'blue'" in shown and 'top.py:3' in shown and 'over ' in shown and 'orchard.trees:Apple' in shown
    opened.run("document.querySelectorAll('.row')[2].querySelector('.twist').click()")
    assert opened.run(ROWS)[:4] == ['model', 'data_preprocessor', 'tree', 'leaf']
    assert opened.errors() == []


@in_browser
def test_what_is_wrong_is_seen_at_once(opened: Browser) -> None:
    shown = opened.run(DETAIL)
    assert 'did you mean weight?' in shown and 'optim_wraper' in shown
    assert opened.run("return document.querySelectorAll('.row .wrong').length") == 1


@in_browser
def test_search(opened: Browser) -> None:
    opened.keys('/', *'plant')
    opened.wait("return document.getElementById('count').textContent.startsWith('1 of')")
    # Found by its ancestor's name, with what holds it.
    assert opened.run(ROWS) == ['model', 'tree']
    opened.keys(ENTER)
    assert 'model.tree' in opened.run(DETAIL)
    opened.keys(ESCAPE)
    assert 'basket' in opened.run(ROWS)


@in_browser
def test_chain_methods_and_flattened_source(opened: Browser) -> None:
    opened.run("document.querySelectorAll('.row')[2].click()")
    opened.keys('2')
    assert opened.run("return document.querySelector('svg').getAttribute('aria-label')") == (
        'Apple -> Tree -> Plant -> BaseModule -> Module, flattened: Apple -> BaseModule'
    )
    opened.keys('3')
    assert 'Plant, called by Tree.grow' in opened.run(DETAIL)
    opened.keys('4')
    source = opened.run("return document.querySelector('pre.source').innerText")
    assert 'class Apple(BaseModule):' in source and 'self.rings = rings' in source
    assert opened.run("return document.querySelectorAll('pre.source .k').length") > 0
    assert 'with Tree, Plant merged into it' in opened.run(DETAIL)


@in_browser
def test_keys_and_theme(opened: Browser) -> None:
    opened.keys(DOWN, DOWN, RIGHT, DOWN)
    assert 'model.tree.leaf' in opened.run(DETAIL)
    before = opened.run('return getComputedStyle(document.body).backgroundColor')
    opened.keys('d')
    assert opened.run('return getComputedStyle(document.body).backgroundColor') != before
    opened.keys('x')  # The tree is open, so that everything is collapsed first.
    assert opened.run(ROWS)[:5] == ['model', 'data_preprocessor', 'tree', 'basket', 'box']
    opened.keys('x')
    assert opened.run(ROWS)[:4] == ['model', 'data_preprocessor', 'tree', 'leaf']


@in_browser
def test_many_objects(window: Browser, report: Report, tmp_path: Path) -> None:
    one = report.items[0]
    many = tuple(replace(one, path=f'model.{block}.{index}') for block in range(50) for index in range(80))
    holders = tuple(replace(one, path=f'model.{block}') for block in range(50))
    (tmp_path / 'many.html').write_text(page(replace(report, items=(one, *holders, *many))), encoding='utf-8')
    window.open((tmp_path / 'many.html').as_uri())
    window.wait(READY)
    # Everything expanded, and a search, both within a moment.
    took = window.run('const start = performance.now(); foldAll(); tree.offsetHeight; return performance.now() - start')
    assert window.run("return document.querySelectorAll('.row').length") == 1 + 50 + 4000
    assert took < 5000
    took = window.run("const start = performance.now(); find('model.7'); return performance.now() - start")
    assert window.run("return document.getElementById('count').textContent") == '81 of 4051 objects'
    assert took < 5000
