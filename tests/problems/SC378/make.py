"""The written rule has a clause in a text box."""

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

file = docx.Document()
file.add_paragraph("第一条 适用于全体员工。")
line = file.add_paragraph("第二条 下列行为,罚款:(一)迟到的,每次20元。")
clause = "<w:p><w:r><w:t>旷工的,每次100元。</w:t></w:r></w:p>"
box = f"<w:pict {nsdecls('w')}><w:txbxContent>{clause}</w:txbxContent></w:pict>"
line.add_run()._r.append(parse_xml(box))  # noqa: SLF001  the library makes no text boxes
file.save("办法.docx")
