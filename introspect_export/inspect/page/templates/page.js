'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const rows = data.rows, tree = document.getElementById('tree'), detail = document.getElementById('detail');
const search = document.getElementById('search'), MOST_FOUND = 1000;
rows.forEach((row, index) => { row.index = index; row.below = []; row.open = false; });
rows.forEach(row => { if (row.up >= 0) rows[row.up].below.push(row); });
const roots = rows.filter(row => row.up < 0);
const biggest = Math.max(1, ...rows.map(row => row.total || 0));
const depth = row => row.up < 0 ? 0 : depth(rows[row.up]) + 1;
let selected = null, found = null, tab = 'arguments';

function element(tag, classes, text) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (text !== undefined) made.textContent = text;
  return made;
}
function number(value) {
  for (const [unit, size] of [['G', 1e9], ['M', 1e6], ['k', 1e3]])
    if (value >= size) return (value / size).toFixed(value < 100 * size ? 1 : 0) + unit;
  return String(value);
}
function short(name) { return name.includes(':') ? name.split(':').pop() : name; }
function wrong(row) { return (row.arguments || []).some(each => data.arguments[each][4]); }

// ---- the tree
function visible() {
  const shown = [];
  const add = row => {
    if (found && !found.kept.has(row)) return;
    shown.push(row);
    if (found ? row.openFound !== false : row.open) row.below.forEach(add);
  };
  roots.forEach(add);
  return shown;
}
function draw() {
  const rowsShown = visible();
  const list = document.createDocumentFragment();
  rowsShown.forEach(row => list.append(line(row)));
  tree.replaceChildren(list);
  document.getElementById('count').textContent =
    found ? `${found.hits.size} of ${rows.length} objects` : `${rows.length} objects`;
}
function line(row) {
  const made = element('div', 'row');
  made.setAttribute('role', 'treeitem');
  made.setAttribute('aria-level', depth(row) + 1);
  made.setAttribute('aria-selected', row === selected);
  made.id = 'row' + row.index;
  made.style.paddingLeft = 8 + depth(row) * 15 + 'px';
  const open = found ? row.openFound !== false : row.open;
  if (row.below.length) made.setAttribute('aria-expanded', open);
  const twist = element('span', 'twist', row.below.length ? (open ? '▾' : '▸') : '');
  twist.onclick = event => { event.stopPropagation(); toggle(row); };
  const label = element('span', 'label');
  label.append(...marked(row.label));
  made.append(twist, label);
  if (row.name) {
    const name = element('span', 'class');
    name.append(...marked(short(row.name)));
    made.append(name);
  }
  if (wrong(row)) { const sign = element('span', 'wrong', '⚠'); sign.title = 'nothing reads one of its arguments'; made.append(sign); }
  if (row.total) {
    const size = element('span', 'size', number(row.total)), bar = element('span', 'bar'), fill = element('i');
    fill.style.width = 100 * row.total / biggest + '%';
    bar.append(fill); size.append(bar); made.append(size);
  }
  made.onclick = () => select(row);
  made.ondblclick = () => toggle(row);
  return made;
}
function marked(text) {
  const wanted = found && found.text, at = wanted ? text.toLowerCase().indexOf(wanted) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), element('mark', '', text.slice(at, at + wanted.length)), text.slice(at + wanted.length)];
}
function toggle(row, open) {
  if (found) row.openFound = open === undefined ? row.openFound === false : open;
  else row.open = open === undefined ? !row.open : open;
  draw();
}
function reveal(row) {
  for (let at = row.up; at >= 0; at = rows[at].up) rows[at].open = true;
}
function select(row, quietly) {
  if (selected) document.getElementById('row' + selected.index)?.setAttribute('aria-selected', false);
  selected = row;
  const shown = document.getElementById('row' + row.index);
  shown?.setAttribute('aria-selected', true);
  shown?.scrollIntoView({block: 'nearest'});
  tree.setAttribute('aria-activedescendant', 'row' + row.index);
  if (!quietly) history.replaceState(null, '', '#' + encodeURIComponent(row.path));
  show();
}
function text(row) {
  const kind = row.class === undefined ? null : data.classes[row.class];
  return (row.text ??= [row.path, row.name || '', kind ? kind.place + ' ' + kind.chain.map(each => each[0]).join(' ') : '']
    .join(' ').toLowerCase());
}
function find(wanted) {
  wanted = wanted.trim().toLowerCase();
  if (!wanted) { found = null; draw(); if (selected) { reveal(selected); draw(); select(selected, true); } return; }
  const hits = new Set(), kept = new Set();
  for (const row of rows) {
    row.openFound = undefined;
    if (!text(row).includes(wanted)) continue;
    hits.add(row);
    if (hits.size <= MOST_FOUND)
      for (let at = row; at; at = rows[at.up]) kept.add(at);
  }
  found = {text: wanted, hits, kept};
  draw();
}

// ---- one object
function show() {
  const row = selected, kind = row.class === undefined ? null : data.classes[row.class];
  const parts = [element('h2', 'mono', row.path)];
  const facts = element('table');
  const fact = (name, value, mono) => {
    if (!value) return;
    const tr = element('tr');
    tr.append(element('td', 'quiet', name), element('td', mono ? 'mono' : '', value));
    facts.append(tr);
  };
  if (kind) {
    fact('class', kind.symbol, true);
    if (row.name !== kind.symbol) fact('name', row.name, true);
    fact('defined', kind.place, true);
    fact('made', row.made + (row.at ? ', at ' + row.at : ''));
    fact('config', row.config, true);
    fact('scopes', row.rule);
    if (row.total) fact('parameters', `${row.total.toLocaleString('en')} (${(row.own || 0).toLocaleString('en')} own)`);
    if (row.buffers) fact('in buffers', row.buffers.toLocaleString('en'));
  }
  parts.push(facts, ...shares(row));
  if (kind) {
    const tabs = element('div', 'tabs');
    tabs.setAttribute('role', 'tablist');
    for (const [name, title] of [['arguments', 'Arguments'], ['chain', 'Chain'], ['methods', 'Methods'], ['source', 'Flattened source']]) {
      const button = element('button', '', title);
      button.id = 'tab-' + name;
      button.setAttribute('role', 'tab');
      button.setAttribute('aria-selected', tab === name);
      button.onclick = () => { tab = name; show(); };
      tabs.append(button);
    }
    parts.push(tabs, ...({arguments: argumentsOf, chain: chainOf, methods: methodsOf, source: sourceOf})[tab](row, kind));
  }
  detail.replaceChildren(...parts);
  detail.scrollTop = 0;
}
function shares(row) {
  const sized = row.below.filter(each => each.total).sort((one, other) => other.total - one.total);
  if (!sized.length || !row.total) return [];
  const parts = [element('h3', '', 'Where the parameters are')];
  for (const each of sized.slice(0, 12)) {
    const share = element('div', 'share'), bar = element('div'), fill = element('i');
    fill.style.width = 100 * each.total / row.total + '%';
    bar.append(fill);
    share.append(element('span', '', each.label), bar, element('span', 'quiet', number(each.total)));
    share.onclick = () => { reveal(each); draw(); select(each); };
    parts.push(share);
  }
  if (sized.length > 12) parts.push(element('div', 'quiet', `and ${sized.length - 12} more`));
  return parts;
}
function argumentsOf(row) {
  const parts = [];
  const table = element('table'), head = element('tr');
  for (const title of ['argument', 'value', 'where it comes from']) head.append(element('th', '', title));
  table.append(head);
  for (const index of row.arguments || []) {
    const [name, value, source, where, unread] = data.arguments[index];
    const tr = element('tr', source);
    const from = element('td');
    where.split('\n').forEach(each => from.append(element('div', '', each)));
    if (unread) from.append(element('div', 'wrongtext', unread));
    tr.append(element('td', 'mono', name), element('td', 'mono', value), from);
    table.append(tr);
  }
  parts.push(row.arguments ? table : element('p', 'quiet', row.unknown || 'It was given no arguments.'));
  if (row.tensors) {
    parts.push(element('h3', '', 'Parameters and buffers it holds itself'));
    row.tensors.forEach(each => parts.push(element('div', 'mono', each)));
  }
  return parts;
}
function chainOf(row, kind) {
  const flat = kind.flat, merged = new Set(flat ? flat.merged : []);
  const before = kind.chain, own = before[0][0];
  const after = flat && flat.merged.length ? [own, ...flat.bases] : null;
  const wide = 40 + 8 * Math.max(...before.map(each => each[0].length)), step = 46, left = 10, right = left + wide + 110;
  const parts = [], tall = 40 + step * before.length;
  const box = (x, at, label, classes, hint) => `<g><title>${hint || ''}</title><rect class="${classes}" x="${x}" y="${30 + at * step}" width="${wide}" height="30" rx="6"/><text x="${x + wide / 2}" y="${50 + at * step}" text-anchor="middle">${label}</text></g>`;
  const arrow = (x, from, to) => `<path d="M${x} ${60 + from * step} L${x} ${28 + to * step}" marker-end="url(#tip)"/>`;
  let drawing = `<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="6" refY="4" orient="auto"><path d="M0 0 L7 4 L0 8"/></marker></defs><text class="title" x="${left}" y="16">as written</text>`;
  before.forEach((each, at) => {
    drawing += box(left, at, each[0], at === 0 ? 'own' : merged.has(each[0]) ? 'gone' : '', each[1]);
    if (at) drawing += arrow(left + wide / 2, at - 1, at);
  });
  if (after) {
    drawing += `<text class="title" x="${right}" y="16">flattened</text>`;
    const places = after.map((name, at) => at === 0 ? 0 : Math.max(1, before.findIndex(each => each[0] === name)));
    after.forEach((name, at) => {
      drawing += box(right, places[at], name, at === 0 ? 'own' : '', '');
      if (at) drawing += arrow(right + wide / 2, 0, places[at]);
    });
    before.forEach((each, at) => {
      if (merged.has(each[0])) drawing += `<path class="into" d="M${left + wide} ${45 + at * step} C${left + wide + 70} ${45 + at * step} ${right - 60} 45 ${right} 45"/>`;
    });
  }
  const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  picture.setAttribute('width', after ? right + wide + 20 : left + wide + 20);
  picture.setAttribute('height', tall);
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', `${before.map(each => each[0]).join(' -> ')}` + (after ? `, flattened: ${after.join(' -> ')}` : ''));
  picture.innerHTML = drawing;
  parts.push(picture);
  if (flat) flat.notes.forEach(each => parts.push(element('p', 'quiet', each)));
  if (!after) parts.push(element('p', 'quiet', 'No ancestor is merged into it.'));
  return parts;
}
function methodsOf(row, kind) {
  if (!kind.members) return [element('p', 'quiet', 'A class of a library; its methods are not looked into.')];
  const table = element('table'), head = element('tr');
  for (const title of ['name', 'kind', 'runs', 'overrides']) head.append(element('th', '', title));
  table.append(head);
  for (const [name, what, definitions] of kind.members) {
    const tr = element('tr'), over = element('td');
    const [owner, place] = definitions[0];
    const runs = element('td', '', owner);
    runs.append(element('div', 'quiet mono', place));
    for (const [other, where, state, callers] of definitions.slice(1)) {
      const each = element('div', state, state === 'super' ? `${other}, called by ${callers.join(', ')}` : `${other}: nothing calls it`);
      each.title = where;
      over.append(each);
    }
    tr.append(element('td', 'mono', name), element('td', 'quiet', what), runs, over);
    table.append(tr);
  }
  return [table];
}
function sourceOf(row, kind) {
  if (!kind.flat) return [element('p', 'quiet', kind.members ? 'Its source is not in this page.' : 'A class of a library; it stays an import.')];
  const source = element('pre', 'source');
  source.innerHTML = kind.flat.html;
  return [element('p', 'quiet', `${kind.flat.lines.toLocaleString('en')} lines` +
    (kind.flat.merged.length ? `, with ${kind.flat.merged.join(', ')} merged into it` : '')), source];
}

// ---- keys and buttons
function theme(dark) {
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.getElementById('theme').textContent = dark ? 'Light' : 'Dark';
}
function foldAll() {
  const open = !roots.some(row => row.below.some(each => each.open));
  rows.forEach(row => { row.open = open && row.below.length > 0; });
  if (!open) roots.forEach(row => { row.open = true; });
  document.getElementById('fold').textContent = open ? 'Collapse all' : 'Expand all';
  draw();
}
function move(by) {
  const shown = visible(), at = shown.indexOf(selected);
  const next = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
  if (next) select(next);
}
const dark = () => document.documentElement.dataset.theme === 'dark';
const keys = {
  ArrowDown: () => move(1), ArrowUp: () => move(-1), PageDown: () => move(20), PageUp: () => move(-20),
  ArrowRight: () => selected && selected.below.length && toggle(selected, true),
  ArrowLeft: () => {
    if (!selected) return;
    const open = found ? selected.openFound !== false : selected.open;
    if (open && selected.below.length) toggle(selected, false);
    else if (selected.up >= 0) select(rows[selected.up]);
  },
  Enter: () => selected && toggle(selected), x: foldAll, d: () => theme(!dark()),
  '/': () => { search.focus(); search.select(); }, '?': () => document.getElementById('keys').showModal(),
  1: () => go('arguments'), 2: () => go('chain'), 3: () => go('methods'), 4: () => go('source'),
};
function go(name) { tab = name; if (selected) show(); }
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.key === 'Escape') { search.value = ''; find(''); tree.focus(); return; }
  if (document.activeElement === search) {
    if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      tree.focus();
      const first = found && rows.find(row => found.hits.has(row));
      if (first) select(first);
    }
    return;
  }
  const action = keys[event.key];
  if (action) { event.preventDefault(); action(); }
});
let waiting = 0;
search.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(() => find(search.value), 80); });
document.getElementById('theme').onclick = () => theme(!dark());
document.getElementById('fold').onclick = foldAll;
document.getElementById('help').onclick = keys['?'];

function welcome() {
  const notes = [...data.notes, ...data.unbuilt.map(([path, reason]) => `${path} was not built here: ${reason}`)];
  if (!notes.length) return;
  const box = element('div', 'warnings');
  notes.forEach(each => box.append(element('div', '', each)));
  detail.prepend(box);
}
theme(matchMedia('(prefers-color-scheme: dark)').matches);
roots.forEach(row => { row.open = row === roots[0]; });
const wanted = decodeURIComponent(location.hash.slice(1));
const first = rows.find(row => row.path === wanted) || rows[0];
if (first) { reveal(first); draw(); select(first, true); welcome(); }
document.documentElement.dataset.ready = 'yes';
