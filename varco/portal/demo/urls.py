"""Addresses of the demo's pages."""

from django.urls import path

from varco.portal.demo import views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", views.message, name="message"),
    path("mailbox/<int:pk>/letter.html", views.letter, name="letter"),
]
