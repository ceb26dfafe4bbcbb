"""``make bench``: every measurement there is, in one table.

python -m bench            # as large as the targets ask
python -m bench --quick    # smaller, in a few minutes
python -m bench matching_index pages
"""

import argparse
import importlib
import importlib.util

from bench.table import Row, printed

PARTS = (
    "retrieval",
    "knowledge",
    "matching_quality",
    "matching_index",
    "projects",
    "agreements",
    "desk",
    "plans",
    "pages",
    "answers",
    "staff",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help="測るもの(省くとすべて)")
    parser.add_argument("--quick", action="store_true", help="小さな量で測る")
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.parts or PARTS:
        if importlib.util.find_spec(f"bench.{name}") is None:
            continue
        part = importlib.import_module(f"bench.{name}")
        if hasattr(part, "run"):
            print(f"測っています: {name} …", flush=True)
            rows += part.run(options.quick)
    print(printed(rows))


if __name__ == "__main__":
    main()
