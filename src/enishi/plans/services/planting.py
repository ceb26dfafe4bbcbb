"""The shape of a version's tree, changed in memory and written back with as few rows as possible."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from enishi.plans.errors import PlanError
from enishi.plans.models import PlanNode, PlanVersion
from enishi.plans.paths import DEEPEST, MOST_SIBLINGS, STEP, child, depth_of


class Forest:
    """All branches of a version, by parent and in order. ``settle`` writes the paths that changed."""

    def __init__(self, version: PlanVersion) -> None:
        self.version = version
        rows = PlanNode.objects.filter(version=version).select_related("level").order_by("path")
        self.nodes = {node.pk: node for node in rows}
        self.below: dict[int | None, list[int]] = defaultdict(list)
        for node in self.nodes.values():
            self.below[node.parent_id].append(node.pk)

    def siblings(self, node: PlanNode) -> list[int]:
        return self.below[node.parent_id]

    def next_path(self, parent: PlanNode | None) -> str:
        """The free place behind the last branch under a parent."""
        row = self.below[parent.pk if parent else None]
        last = self.nodes[row[-1]].path if row else ""
        return child(parent.path if parent else "", int(last[-STEP:] or 0) + 1)

    def place(self, node: PlanNode, parent: PlanNode | None, position: int | None = None) -> None:
        """Put a branch (new, or taken from elsewhere) under a parent; the end where no position is given."""
        self._refuse_cycle(node, parent)
        self.refuse_level(node, parent)
        if node.pk in self.nodes:
            self.below[self.nodes[node.pk].parent_id].remove(node.pk)
        self.nodes[node.pk] = node
        node.parent = parent
        row = self.below[parent.pk if parent else None]
        row.insert(len(row) if position is None else max(0, min(position, len(row))), node.pk)

    def _refuse_cycle(self, node: PlanNode, parent: PlanNode | None) -> None:
        """I2: nobody hangs from their own branch."""
        above = parent
        while above is not None:
            if above.pk == node.pk:
                raise PlanError(
                    _("「%(node)s」を自分の下には移せません。別の枝を選んでください。") % {"node": node.title}
                )
            above = self.nodes.get(above.parent_id or 0)

    def refuse_level(self, node: PlanNode, parent: PlanNode | None) -> None:
        """I2: levels strictly increase on the way down."""
        if parent is None or node.level.order > parent.level.order:
            return
        raise PlanError(
            _(
                "%(lower)s「%(node)s」は、%(upper)s「%(parent)s」の下には置けません。上の階層の枝を選んでください。"
            )
            % {
                "lower": node.level.label,
                "node": node.title,
                "upper": parent.level.label,
                "parent": parent.title,
            }
        )

    def without(self, node_ids: Iterable[int]) -> None:
        """Forget branches that were deleted."""
        gone = set(node_ids)
        for key in gone:
            self.nodes.pop(key, None)
        for row in self.below.values():
            row[:] = [key for key in row if key not in gone]

    def settle(self) -> None:
        """Write the places that changed: first out of the way, then where they belong, so that none collide."""
        changed = [node for node, path in self._walk() if self._differs(node, path)]
        stored = [node for node in changed if node.pk is not None]
        for node in stored:
            node.path = f"x{node.pk}"
        PlanNode.objects.bulk_update(stored, ["path"], batch_size=200)
        for node, path in self._walk():
            node.path, node.depth = path, depth_of(path)
        PlanNode.objects.bulk_update(stored, ["path", "depth", "parent"], batch_size=200)

    def _differs(self, node: PlanNode, path: str) -> bool:
        return node.path != path or node.depth != depth_of(path)

    def _walk(self) -> list[tuple[PlanNode, str]]:
        found: list[tuple[PlanNode, str]] = []
        edge: list[tuple[int | None, str]] = [(None, "")]
        while edge:
            parent, above = edge.pop()
            for position, key in enumerate(self.below.get(parent, ()), start=1):
                path = child(above, position)
                if position > MOST_SIBLINGS or depth_of(path) > DEEPEST:
                    raise PlanError(
                        _("枝が多すぎるか、深すぎます。一つの枝の下は%(wide)d本、深さは%(deep)d段までです。")
                        % {"wide": MOST_SIBLINGS, "deep": DEEPEST}
                    )
                found.append((self.nodes[key], path))
                edge.append((key, path))
        return found
