"""Pages that change collections and documents."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from enishi.accounts.models import Person
from enishi.accounts.signed_in import person_of
from enishi.foundation.sentences import of_language_error
from enishi.knowledge.documents import readings, services, synonyms
from enishi.knowledge.documents.enums import ReadingState
from enishi.knowledge.documents.errors import AlreadyThereError, DocumentRefusedError
from enishi.knowledge.documents.forms import (
    CollectionForm,
    DocumentForm,
    ReplaceForm,
    SynonymForm,
    SynonymsForm,
    UploadForm,
)
from enishi.knowledge.documents.models import Collection, Document, SynonymGroup
from enishi.knowledge.documents.views import require_edit, visible_collection, visible_document
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.asking import (
    home_of,
    now,
    signed_in,
    staff_of,
)
from enishi.knowledge.staff.pages import form_page
from enishi.language.errors import LanguageError
from enishi.organizations.models import Organization

MOST_NAMED = 10


def _form(request: HttpRequest, form: Any, save: Any, **words: Any) -> HttpResponse:
    words.setdefault("crumbs", [(_("資料"), reverse("documents:documents"))])
    return form_page(request, form, save, **words)


@signed_in
def collection_new(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    form = CollectionForm(request.POST or None, person=person)
    return _form(
        request,
        form,
        lambda sent: services.create_collection(
            organization=sent.cleaned_data["organization"], values=sent.values(), actor=person, at=now()
        ),
        title=_("資料集を作る"),
        lead=_("種類と公開範囲は、加える資料の初めの値になります。"),
        submit=_("作る"),
        done=_("資料集を作りました。続けて資料を加えてください。"),
        cancel=reverse("documents:collections"),
    )


@signed_in
def collection_edit(request: HttpRequest, pk: int) -> HttpResponse:
    collection = visible_collection(request, pk)
    require_edit(request, collection)
    return _form(
        request,
        CollectionForm(request.POST or None, person=person_of(request), record=collection),
        lambda sent: services.edit_collection(collection_id=collection.pk, **_edited(request, sent)),
        title=_("資料集を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        cancel=collection.get_absolute_url(),
    )


def _edited(request: HttpRequest, form: CollectionForm | DocumentForm) -> dict[str, Any]:
    version = form.cleaned_data["version"] or 0
    return {"values": form.values(), "version": version, "actor": person_of(request), "at": now()}


@signed_in
def collection_delete(request: HttpRequest, pk: int) -> HttpResponse:
    collection = visible_collection(request, pk)
    require_edit(request, collection)
    if request.method == "POST":
        try:
            services.delete_collection(collection_id=collection.pk, actor=person_of(request), at=now())
        except DocumentRefusedError as refused:
            messages.error(request, refused.sentence)
            return redirect(collection)
        messages.success(request, _("資料集を消しました。"))
        return redirect("documents:collections")
    return _confirm(
        request,
        collection,
        heading=_("資料集を消す"),
        question=_("「%(name)s」を消しますか。") % {"name": collection.name},
        explanation=_("資料の入った資料集は消せません。30日のあいだは元に戻せます。"),
        action=reverse("documents:collection_delete", args=[collection.pk]),
    )


def _confirm(request: HttpRequest, record: Collection | Document, **context: Any) -> HttpResponse:
    context |= {
        "submit": _("ごみ箱に入れる"),
        "cancel": record.get_absolute_url(),
        "crumbs": [(_("資料"), reverse("documents:documents"))],
    }
    return render(request, "knowledge/staff/confirm.html", context)


@signed_in
def upload(request: HttpRequest) -> HttpResponse:
    """Bring files in: small ones are read at once, the others by the worker."""
    person = staff_of(request)
    wanted = request.GET.get("collection", "")
    form = UploadForm(
        request.POST or None, request.FILES or None, person=person, initial={"collection": wanted}
    )
    if request.method == "POST" and form.is_valid():
        return _kept(request, form)
    context = {"form": form, "has_collections": form.fields["collection"].queryset.exists()}  # type: ignore[attr-defined]
    return render(request, "knowledge/documents/upload.html", context)


def _kept(request: HttpRequest, form: UploadForm) -> HttpResponse:
    collection: Collection = form.cleaned_data["collection"]
    made: list[Document] = []
    for file in form.cleaned_data["papers"]:
        try:
            made.append(
                services.add_file(
                    collection=collection,
                    name=file.name,
                    content=file,
                    actor=person_of(request),
                    at=now(),
                    values=form.values(),
                )
            )
        except AlreadyThereError as same:
            messages.warning(request, same.sentence)
        except DocumentRefusedError as refused:
            messages.error(request, refused.sentence)
    job = readings.read_or_queue(made, person=person_of(request), at=now())
    if made:
        count = len(made)
        messages.success(
            request,
            ngettext("資料を%(count)d件加えました。", "資料を%(count)d件加えました。", count)
            % {"count": count},
        )
    unread = [row.file_name for row in made if row.state == ReadingState.FAILED]
    if unread:
        messages.warning(
            request,
            _("うち%(count)d件は文章を読み取れませんでした。理由は資料のページにあります: %(names)s")
            % {"count": len(unread), "names": _("、").join(unread[:MOST_NAMED])},
        )
    if job is not None:
        return redirect("foundation:job", job.pk)
    return redirect(made[0] if len(made) == 1 else collection)


@signed_in
def document_edit(request: HttpRequest, pk: int) -> HttpResponse:
    document = visible_document(request, pk)
    require_edit(request, document)
    return _form(
        request,
        DocumentForm(request.POST or None, person=person_of(request), record=document),
        lambda sent: services.edit_document(document_id=document.pk, **_edited(request, sent)),
        title=_("資料の書誌を書き直す"),
        lead=_("本文は書き直せません。中身が変わったときは「新しい版に替える」を使ってください。"),
        submit=_("保存する"),
        done=_("保存しました。"),
        cancel=document.get_absolute_url(),
    )


@signed_in
def document_replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a new version; the old one stays and says which is newer."""
    document = visible_document(request, pk)
    require_edit(request, document)

    def replace(sent: ReplaceForm) -> str:
        file = sent.cleaned_data["file"]
        new = services.replace_file(
            document_id=document.pk, name=file.name, content=file, actor=person_of(request), at=now()
        )
        job = readings.read_or_queue([new], person=person_of(request), at=now())
        return reverse("foundation:job", args=[job.pk]) if job is not None else new.get_absolute_url()

    return _form(
        request,
        ReplaceForm(request.POST or None, request.FILES or None),
        replace,
        title=_("新しい版に替える"),
        lead=_("いまの版は残り、「古い版」として、いまの情報としては答えなくなります。"),
        submit=_("替える"),
        done=_("新しい版に替えました。古い版は履歴として残ります。"),
        cancel=document.get_absolute_url(),
    )


@signed_in
@require_POST
def document_supersede(request: HttpRequest, pk: int) -> HttpResponse:
    """This document is a newer version of another one."""
    document = visible_document(request, pk)
    require_edit(request, document)
    text = request.POST.get("old", "")
    readable = Document.objects.all().visible_to(request.user).defer("text")
    old = readable.filter(pk=int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0).first()
    if old is None:
        messages.error(request, _("古い版にする資料が見つかりません。画面を開き直して選んでください。"))
        return redirect(document)
    require_edit(request, old)
    try:
        services.supersede(old_id=old.pk, new_id=document.pk, actor=person_of(request), at=now())
    except DocumentRefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("「%(title)s」を古い版にしました。") % {"title": old.title})
    return redirect(document)


@signed_in
@require_POST
def document_current(request: HttpRequest, pk: int) -> HttpResponse:
    document = visible_document(request, pk)
    require_edit(request, document)
    services.make_current(document_id=document.pk, actor=person_of(request), at=now())
    messages.success(request, _("いまの版に戻しました。"))
    return redirect(document)


@signed_in
@require_POST
def document_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the file once more, after something that was missing has come."""
    document = visible_document(request, pk)
    require_edit(request, document)
    if document.file:
        job = readings.read_again(document, person=person_of(request), at=now())
        if job is not None:
            return redirect("foundation:job", job.pk)
    return redirect(document)


@signed_in
def document_delete(request: HttpRequest, pk: int) -> HttpResponse:
    document = visible_document(request, pk)
    require_edit(request, document)
    if request.method == "POST":
        services.delete_document(document_id=document.pk, actor=person_of(request), at=now())
        messages.success(request, _("資料をごみ箱に入れました。30日のあいだは元に戻せます。"))
        return redirect("documents:documents")
    return _confirm(
        request,
        document,
        heading=_("資料をごみ箱に入れる"),
        question=_("「%(title)s」をごみ箱に入れますか。") % {"title": document.title},
        explanation=_before_deleting(document),
        action=reverse("documents:document_delete", args=[document.pk]),
    )


def _before_deleting(document: Document) -> str:
    told = _("検索や答えに出なくなります。30日のあいだは元に戻せます。")
    if document.earlier_versions.filter(deleted_at__isnull=True).exists():
        told += _(
            "この資料に替わられた版は、古い版のままです。使うときは、そのページで「いまの版に戻す」を押します。"
        )
    return told


@signed_in
def synonym_list(request: HttpRequest) -> HttpResponse:
    """The municipality's own words that mean the same."""
    person = staff_of(request)
    organization = home_of(person)
    assert organization is not None
    groups = SynonymGroup.objects.filter(organization=organization)
    if request.GET.get("format") in exporting.FORMATS:
        rows = ([group.words] for group in groups)
        return exporting.table(_("言い換え"), "synonyms", (synonyms.HEADING,), rows, request.GET["format"])
    form = SynonymsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            added, same = synonyms.keep_lines(
                organization=organization, lines=form.lines(), actor=person, at=now()
            )
        except DocumentRefusedError as refused:
            form.add_error("words", refused.sentence)
        except LanguageError as refused:
            form.add_error("table", of_language_error(refused))
        else:
            told = ngettext("%(count)d組加えました。", "%(count)d組加えました。", added) % {"count": added}
            if same:
                told += _("%(count)d組は前からあります。") % {"count": same}
            messages.success(request, told)
            return redirect("documents:synonyms")
    context = {"form": form, "groups": groups[: synonyms.MOST_GROUPS], "organization": organization}
    return render(request, "knowledge/documents/synonyms.html", context)


@signed_in
def synonym_edit(request: HttpRequest, pk: int) -> HttpResponse:
    person, organization, group = _own_group(request, pk)

    def save(sent: SynonymForm) -> str:
        text = sent.cleaned_data["words"]
        synonyms.keep_group(organization=organization, text=text, actor=person, at=now(), group_id=group.pk)
        return reverse("documents:synonyms")

    return _form(
        request,
        SynonymForm(request.POST or None, initial={"words": group.words}),
        save,
        title=_("言い換えを直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        cancel=reverse("documents:synonyms"),
        crumbs=[
            (_("資料"), reverse("documents:documents")),
            (_("言い換え"), reverse("documents:synonyms")),
        ],
    )


def _own_group(request: HttpRequest, pk: int) -> tuple[Person, Organization, SynonymGroup]:
    person = person_of(request)
    organization = home_of(person)
    # Whoever keeps no words of this town knows nothing of the line.
    if organization is None:
        raise Http404
    return person, organization, get_object_or_404(SynonymGroup, pk=pk, organization=organization)


@signed_in
@require_POST
def synonym_remove(request: HttpRequest, pk: int) -> HttpResponse:
    person, organization, group = _own_group(request, pk)
    synonyms.remove_group(group_id=group.pk, organization=organization, actor=person, at=now())
    messages.success(request, _("消しました。"))
    return redirect("documents:synonyms")
