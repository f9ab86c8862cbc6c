"""`/auth/token`: an agent's secret for a short-lived token."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tasks_app.api import legacy, throttles, tokens
from tasks_app.api.serializers.agent import CredentialsSerializer, TokenSerializer
from tasks_app.conf import conf
from tasks_app.services import agents


class TokenView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (throttles.OfCaller, throttles.OfAgent)

    @extend_schema(request=CredentialsSerializer, responses=TokenSerializer, auth=[])
    def post(self, request: Request) -> Response:
        sent = CredentialsSerializer(data=legacy.modern_credentials(request.data))
        sent.is_valid(raise_exception=True)
        agent = agents.authenticate(sent.validated_data["agent_id"], sent.validated_data["agent_secret"])
        answer = {
            "access_token": tokens.issue(agent),
            "token_type": "Bearer",
            "expires_in": int(conf().token_lifetime.total_seconds()),
            "scopes": agent.scopes,
        }
        return Response(answer, headers={"Cache-Control": "no-store"})
