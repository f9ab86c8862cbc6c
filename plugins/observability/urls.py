from django.urls import path

from plugins.observability.views import metrics

urlpatterns = [path("metrics", metrics, name="metrics")]
