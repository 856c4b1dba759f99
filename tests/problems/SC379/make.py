"""Somebody has proposed another amount, and nobody has decided about it."""

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

file = docx.Document()
file.add_paragraph("第一条 适用于全体员工。")
line = file.add_paragraph("第二条 下列行为,罚款:(一)迟到的,每次")
for xml in (
    f"<w:del {nsdecls('w')}><w:r><w:delText>20元。</w:delText></w:r></w:del>",
    f"<w:ins {nsdecls('w')}><w:r><w:t>30元。</w:t></w:r></w:ins>",
):
    line._p.append(parse_xml(xml))  # noqa: SLF001  the library makes no changes that are tracked
file.save("办法.docx")
