"""Personal data in a text: found and masked before anything is kept.

>>> from enishi.engines import privacy
>>> privacy.mask("090-1234-5678 に電話をください").text
'〔電話番号〕 に電話をください'

See docs/engines/answers.md.
"""

from enishi.engines.privacy.kinds import Kind, Mark, Masked
from enishi.engines.privacy.masking import mask
from enishi.engines.privacy.numbers import is_my_number

__all__ = ["Kind", "Mark", "Masked", "is_my_number", "mask"]
