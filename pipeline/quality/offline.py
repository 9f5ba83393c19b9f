"""Make a page of Data Docs readable without a network, and without tracking.

The pages load their styles, icons and scripts from other sites. All of these are
removed and replaced by one small style sheet; links open collapsed parts by their
anchors.
"""

from __future__ import annotations

import re

from pipeline.quality.privacy import hidden

_REMOVED = re.compile(
    r"<script\b.*?</script>"  # all scripts need libraries from other sites
    r"|<style\b.*?</style>"
    r"|<link\b[^>]*>"
    r"|<img\b[^>]*>"
    r"|<footer\b.*?</footer>"
    # Tracebacks show local folders; the message above them says what failed.
    r"|<a\b[^>]*>\s*Show exception traceback\.\.\.\s*</a>"
    r"|Traceback \(most recent call last\).*?(?=</code>)",
    re.DOTALL | re.IGNORECASE,
)

STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e;
  --warned: #9a6700; --soft: #8881; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #ff7b72;
  --warned: #d29922; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; }
main, .container-fluid { max-width: 1200px; margin: 0 auto; padding: 1rem 1.5rem; }
.container-fluid .container-fluid { padding: .5rem 0; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
h3, h4, h5, h6 { font-size: 1rem; margin: .3rem 0; }
small { font-weight: normal; opacity: .7; }
table { border-collapse: collapse; margin: .5rem 0; }
td, th { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line);
  text-align: left; vertical-align: top; }
pre, code { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; }
.wide { overflow-x: auto; }
.card { border: 1px solid var(--line); border-radius: 6px; padding: .6rem 1rem;
  margin: .8rem 0; }
section.card { border-left: 4px solid currentColor; }
section.card > * { color: CanvasText; }
.good, .text-success { color: var(--good); }
.bad, .text-danger { color: var(--bad); }
.warned, .text-warning { color: var(--warned); }
.alert { background: var(--soft); padding: .5rem .8rem; border-radius: 6px; }
.badge { background: var(--soft); border-radius: 4px; padding: 0 .3rem;
  font-family: monospace; font-size: 13px; }
.fa-check-circle::before { content: "\\2713"; }
.fa-times::before { content: "\\2717"; }
.fa-exclamation-triangle::before { content: "\\26A0"; }
.fas { font-style: normal; font-weight: bold; }
.navbar ol { list-style: none; padding: 0 1.5rem; }
.navbar .breadcrumb { display: flex; gap: .5rem; }
.navbar .breadcrumb li + li::before { content: "/ "; }
.navbar { height: auto !important; }
.navbar .navbar-brand, .card:has(.btn-group-toggle), .cooltip .top { display: none; }
.nav { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap;
  gap: .2rem 1rem; }
.collapse { display: none; } .collapse:target { display: block; }
.popover, [hidden] { display: none; }
"""


def self_contained(page: str) -> str:
    """Return ``page`` with its scripts, styles and pictures replaced by one style.

    Direct identifiers are masked, since a database error may quote a value.
    """
    plain = hidden(_REMOVED.sub("", page))
    return plain.replace("</head>", f"<style>{STYLE}</style></head>", 1)
