"""Signing in and out, the first administrator, and who works here."""

from __future__ import annotations

import hmac
import os
import time
from typing import Any

from django import forms
from django.contrib.auth import authenticate, login, logout, password_validation
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cenotaph.workplace.access.rights import ROLES, conflicts
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Event, User
from cenotaph.workplace.pages.endpoint import open_to_all, open_to_staff, page
from cenotaph.workplace.pages.navigation import ROLE_TITLES
from cenotaph.workplace.server import TOKEN


class SignInForm(forms.Form):
    """Name and password."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput({"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput({"autocomplete": "current-password"}), strip=False
    )


def new_password(label: Any) -> forms.CharField:
    """The question for a new password."""
    return forms.CharField(
        label=label,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        strip=False,
        help_text=_("Twelve characters or more; a sentence is good."),
    )


class PersonForm(forms.Form):
    """A new account."""

    name = forms.RegexField(
        r"^[\w.@+-]{1,150}$", label=_("Name to sign in with"), help_text=_("Letters, digits and . @ + - _")
    )
    full_name = forms.CharField(label=_("Full name"), max_length=200)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(name, ROLE_TITLES[name]) for name in ROLES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A blind role cannot be held with one that sees names."),
    )
    password = new_password(_("Password"))

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if User.objects.filter(name=name).exists():
            raise ValidationError(_("This name is taken."))
        return name

    def clean_roles(self) -> list[str]:
        roles: list[str] = self.cleaned_data["roles"]
        if why := conflicts(roles):
            raise ValidationError(why)
        return roles

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "password" in data:
            about = User(name=data.get("name", ""), full_name=data.get("full_name", ""))
            try:
                password_validation.validate_password(data["password"], about)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class ResetForm(forms.Form):
    """A new password for somebody who lost his, and why."""

    password = new_password(_("Password"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self._user)
        return password


class FirstForm(PersonForm):
    """The first administrator."""

    roles = None
    token = forms.CharField(widget=forms.HiddenInput)


def make_user(name: str, full_name: str, roles: list[str], password: str, *, actor: str, reason: str) -> User:
    """Adds someone who works here; entered in the ledger."""
    user = User(name=name, full_name=full_name, roles=" ".join(sorted(roles)))
    user.set_password(password)
    with acting(actor, reason):
        user.save()
    return user


def set_password(user: User, password: str, *, actor: str, reason: str) -> None:
    """Gives *user* a new password; his sessions and tokens end."""
    user.set_password(password)
    user.session_epoch = str(int(user.session_epoch) + 1)
    with acting(actor, reason):
        user.save()


@open_to_all()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Asks for the first administrator, of one who knows the word on the terminal; not there once somebody is."""
    token = os.environ.get(TOKEN, "")
    given = request.POST.get("token") or request.GET.get("token") or ""
    if User.objects.exists() or not token or not hmac.compare_digest(token.encode(), given.encode()):
        raise Http404
    form = FirstForm(request.POST or None, initial={"token": given})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        why = "the first administrator"
        with acting(data["name"], why):
            if User.objects.exists():
                raise Http404
            make_user(
                data["name"], data["full_name"], ["administrator"], data["password"], actor=data["name"], reason=why
            )
        return redirect("sign_in")
    return form_page(request, form, _("The first administrator"), _("Set up"))


@open_to_all()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Signs somebody in; every signing in is an event."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = authenticate(request, name=data["name"], password=data["password"])
        if user is not None and user.second_factor:
            request.session["waiting"] = {"id": user.pk, "since": time.time(), "next": _next(request)}
            return redirect("code")
        if user is not None:
            let_in(request, user)
            return redirect(_next(request))
        if getattr(request, "axes_locked_out", False):
            return locked_out(request)
        form.add_error(None, _("The name or the password is not right."))
    return form_page(request, form, _("Sign in"), _("Sign in"))


def let_in(request: HttpRequest, user: User) -> None:
    """Begins a session of *user*; an event of the ledger."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session["began"] = request.session["seen"] = time.time()
    with acting(user.name, "signing in"):
        Event.objects.create(kind="sign in", subject=user.name, detail="")


def _next(request: HttpRequest) -> str:
    target = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours else "/"


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """What someone sees after too many wrong passwords."""
    text = _("Too many wrong passwords. Wait a quarter of an hour.")
    return render(request, "message.html", {"title": _("Locked"), "text": text}, status=429)


@open_to_staff()
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Signs out."""
    logout(request)
    return redirect("sign_in")


@page("see", "users")
def users(request: HttpRequest) -> HttpResponse:
    """Who works here."""
    people = [
        {"user": u, "titles": ", ".join(str(ROLE_TITLES[r]) for r in u.roles.split() if r in ROLES)}
        for u in User.objects.order_by("name")
    ]
    return render(request, "users.html", {"people": people})


@page("add", "users")
@require_http_methods(["GET", "HEAD", "POST"])
def add_user(request: Any) -> HttpResponse:
    """Adds an account."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        make_user(**form.cleaned_data, actor=request.viewer.name, reason="new account")
        return redirect("users")
    return form_page(request, form, _("A new account"), _("Add"))


@page("change", "users")
@require_POST
def close_user(request: Any, id_: int) -> HttpResponse:
    """Closes an account, or opens it again; every session of it ends at once."""
    user = get_object_or_404(User, pk=id_)
    if user.name == request.viewer.name:
        return render(
            request, "message.html", {"title": _("Not done"), "text": _("Nobody closes his own account.")}, status=409
        )
    with acting(request.viewer.name, request.POST.get("reason", "")):
        user.state = "closed" if user.is_active else "active"
        user.session_epoch = str(int(user.session_epoch) + 1)
        user.save()
    return redirect("users")


@page("change", "users")
@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: Any, id_: int) -> HttpResponse:
    """Gives somebody a new password, who changes it once he is in; the second factor stays."""
    user = get_object_or_404(User, pk=id_)
    form = ResetForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        set_password(user, data["password"], actor=request.viewer.name, reason=data["reason"])
        return redirect("users")
    title = _("A new password for %(name)s") % {"name": user.name}
    return form_page(request, form, title, _("Change"))


def form_page(
    request: HttpRequest, form: forms.Form, title: Any, button: Any, template: str = "form.html", **more: Any
) -> HttpResponse:
    """A page with one form; 422 where something is wrong with it."""
    status = 200 if not form.is_bound or form.is_valid() else 422
    return render(request, template, {"form": form, "title": title, "button": button, **more}, status=status)
