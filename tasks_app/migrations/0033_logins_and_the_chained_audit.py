"""Logins that can be refreshed and revoked, an agent's second secret and further limits, and an audit that is only added to."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

import tasks_app.models.ids

# The parts are written with their lengths (netstrings), so that no two entries read the same.
DIGEST = """
CREATE FUNCTION tasks_audit_digest(before bytea, entry tasks_auditentry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(before || convert_to(string_agg(octet_length(part) || ':' || part, '' ORDER BY place), 'UTF8'))
      FROM unnest(ARRAY[
               entry.id::text, (extract(epoch FROM entry.at) * 1000000)::bigint::text, entry.actor, entry.action,
               entry.object_kind, entry.object_id::text, entry.request_id, entry.details::text
           ]) WITH ORDINALITY AS parts (part, place)
$$
"""

# At the commit, when all else is done: whoever commits next waits for this commit only, not for the transaction.
CHAIN = """
CREATE FUNCTION tasks_chain_audit() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    newest tasks_auditlink;
BEGIN
    PERFORM pg_advisory_xact_lock({lock});
    SELECT * INTO newest FROM tasks_auditlink ORDER BY position DESC LIMIT 1;
    INSERT INTO tasks_auditlink (position, entry, digest)
    VALUES (coalesce(newest.position, 0) + 1, NEW.id, tasks_audit_digest(coalesce(newest.digest, ''), NEW));
    RETURN NULL;
END
$$
"""

GUARD = """
CREATE FUNCTION tasks_guard_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR current_setting('ordinaut.pruning_audit', true) IS DISTINCT FROM 'yes' THEN
        RAISE EXCEPTION '% of % is refused: the audit is only added to', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$
"""

# The oldest entries as they follow each other in the chain, never the newest, which the next one hangs on. That they are gone
# is an entry itself, with the digest that the chain now begins after.
PRUNE = """
CREATE FUNCTION tasks_prune_audit(before timestamptz, batch integer) RETURNS integer LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = {schema}, pg_temp SET ordinaut.pruning_audit = 'yes' AS $$
DECLARE
    last tasks_auditlink;
    pruned integer;
BEGIN
    IF before > statement_timestamp() - interval '30 days' THEN
        RAISE EXCEPTION 'the audit is kept for 30 days at least' USING ERRCODE = 'restrict_violation';
    END IF;
    WITH oldest AS (
        SELECT link.*, entry.at
          FROM tasks_auditlink AS link LEFT JOIN tasks_auditentry AS entry ON entry.id = link.entry
         ORDER BY link.position LIMIT batch
    )
    SELECT position, entry, digest INTO last
      FROM oldest
     WHERE position < coalesce((SELECT min(position) FROM oldest WHERE at >= before), 9223372036854775807)
       AND position < (SELECT max(position) FROM tasks_auditlink)
     ORDER BY position DESC LIMIT 1;
    IF last.position IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM tasks_auditentry USING tasks_auditlink AS link
     WHERE tasks_auditentry.id = link.entry AND link.position <= last.position;
    DELETE FROM tasks_auditlink WHERE position <= last.position;
    GET DIAGNOSTICS pruned = ROW_COUNT;
    INSERT INTO tasks_auditentry (actor, action, object_kind, object_id, request_id, details)
    VALUES ('system', 'audit.pruned', 'audit', '00000000-0000-0000-0000-000000000000', '',
            jsonb_build_object('entries', pruned, 'through', last.position, 'digest', encode(last.digest, 'hex')));
    RETURN pruned;
END
$$
"""

TRIGGERS = """
CREATE CONSTRAINT TRIGGER audit_is_chained AFTER INSERT ON tasks_auditentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tasks_chain_audit();
CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON tasks_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_guard_audit();
CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON tasks_auditlink
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_guard_audit();
"""

# What was written before: each entry waits for the one before it, so one after the other.
CHAIN_THE_PAST = """
DO $$
DECLARE
    entry tasks_auditentry;
    place bigint := 0;
    newest bytea := '';
BEGIN
    FOR entry IN SELECT * FROM tasks_auditentry ORDER BY id LOOP
        place := place + 1;
        newest := tasks_audit_digest(newest, entry);
        INSERT INTO tasks_auditlink (position, entry, digest) VALUES (place, entry.id, newest);
    END LOOP;
END
$$
"""

LOCK = 0x0D1AA0D  # the key of the advisory lock under which the chain grows


def chain(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        [schema] = cursor.fetchone()
        cursor.execute(DIGEST)
        cursor.execute(CHAIN.format(schema=schema, lock=LOCK))
        cursor.execute(GUARD)
        cursor.execute(PRUNE.format(schema=schema))
        cursor.execute(TRIGGERS)
        cursor.execute(CHAIN_THE_PAST)


def unchain(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_is_chained ON tasks_auditentry")
        for table in ("tasks_auditentry", "tasks_auditlink"):
            cursor.execute(f"DROP TRIGGER audit_is_only_added_to ON {table}")
        cursor.execute("DROP FUNCTION tasks_chain_audit(), tasks_guard_audit(), tasks_prune_audit(timestamptz, integer)")
        cursor.execute("DROP FUNCTION tasks_audit_digest(bytea, tasks_auditentry)")


class Migration(migrations.Migration):
    dependencies = [("tasks", "0032_simulated_runs")]

    operations = [
        migrations.AddField(
            "Agent",
            "old_secret_hash",
            models.CharField(blank=True, db_default="", default="", editable=False, max_length=200),
        ),
        migrations.AddField(
            "Agent",
            "old_secret_until",
            models.DateTimeField(
                editable=False, help_text="When the secret before this one ends to be good.", null=True
            ),
        ),
        migrations.AddField(
            "Agent",
            "min_cadence_seconds",
            models.PositiveIntegerField(
                blank=True,
                help_text="How near together two instants of its tasks' schedules may lie.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(86400),
                ],
            ),
        ),
        migrations.AddField(
            "Agent",
            "requests_per_minute",
            models.PositiveIntegerField(
                blank=True,
                help_text="How often it may ask the API.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
            ),
        ),
        migrations.AddConstraint(
            "Agent",
            models.CheckConstraint(
                name="agent_old_secret_ends",
                condition=Q(old_secret_hash="", old_secret_until=None)
                | ~Q(old_secret_hash="") & Q(old_secret_until__isnull=False),
            ),
        ),
        migrations.CreateModel(
            "TokenFamily",
            [
                (
                    "id",
                    models.UUIDField(
                        default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        help_text="What was asked for; null for all that the agent has.",
                        null=True,
                        size=None,
                    ),
                ),
                ("generation", models.PositiveIntegerField(db_default=1, default=1)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
                (
                    "refreshed_at",
                    models.DateTimeField(help_text="When the generation was last raised.", null=True),
                ),
                ("expires_at", models.DateTimeField(help_text="No token of the family outlives this.")),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="token_families", to="tasks.agent"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "token families",
                "indexes": [models.Index(fields=["expires_at"], name="token_family_to_forget")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(generation=1, refreshed_at=None)
                        | Q(generation__gt=1, refreshed_at__isnull=False),
                        name="token_family_refreshed_after_first",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "AuditLink",
            [
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry", models.BigIntegerField(help_text="The id of the audit entry.", unique=True)),
                ("digest", models.BinaryField(max_length=32)),
            ],
            options={"ordering": ["position"]},
        ),
        migrations.AddIndex("AuditEntry", models.Index(fields=["actor", "-id"], name="audit_by_actor")),
        migrations.RunPython(chain, unchain),
    ]
