"""The methods of requests that addresses answer, each as far as its view does.

OPTIONS is none of them: what it would tell stands in the `Allow` of its 405 (RFC 9110, 9.3.7 and 15.5.6), and pages of other
origins are let in nowhere.
"""

from typing import Final

ANSWERED: Final = ["get", "head", "post", "put", "patch", "delete"]
