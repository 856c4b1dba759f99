"""What pages with plots have beside the look of all pages: that of an impact, and that of a run."""

from typing import Final

STYLE: Final = """
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 11px; fill: var(--soft); }
.axis { stroke: var(--soft); } .grid { stroke: var(--line); }
.after { fill: var(--after); } .before { fill: none; stroke: var(--blue); stroke-width: 1.6; }
.more { fill: var(--more); } .less { fill: var(--less); }
.p0 { fill: var(--blue); } .p1 { fill: var(--more); } .p2 { fill: var(--after); } .p3 { fill: #d9a441; }
.p4 { fill: var(--less); } .p5 { fill: var(--soft); }
.key i { display: inline-block; width: 1.1rem; height: .75rem; margin: 0 .35rem 0 .9rem; vertical-align: -1px; }
.key span { display: inline-block; }
.key i.p0 { background: var(--blue); } .key i.p1 { background: var(--more); } .key i.p2 { background: var(--after); }
.key i.p3 { background: #d9a441; } .key i.p4 { background: var(--less); } .key i.p5 { background: var(--soft); }
td.name { white-space: nowrap; max-width: 16rem; overflow: hidden; text-overflow: ellipsis; }
td.long { min-width: 14rem; }
.wrapped th { white-space: normal; min-width: 4rem; vertical-align: bottom; } .wide svg { min-width: 34rem; }
tr.total td { font-weight: 600; border-top: 1px solid var(--soft); }
.key i.a { background: var(--after); } .key i.b { border: 1.6px solid var(--blue); }
@media print { h2 { break-after: avoid; } tr, svg { break-inside: avoid; } }
"""
