"""The audit's guard believes a setting of the session only where the owner of the tables acts, and pruning is for whom it is granted.

Whoever may alter the tables can switch the guard off; a role that may delete, but not alter, could have done it by a SET.
"""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION tasks_guard_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR current_setting('ordinaut.pruning_audit', true) IS DISTINCT FROM 'yes'{owner_acts} THEN
        RAISE EXCEPTION '% of % is refused: the audit is only added to', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$
"""
OWNER_ACTS = """
       OR current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0039_orders_of_lists")]

    operations = [
        migrations.RunSQL(GUARD.format(owner_acts=OWNER_ACTS), GUARD.format(owner_acts="")),
        migrations.RunSQL(
            "REVOKE EXECUTE ON FUNCTION tasks_prune_audit(timestamptz, integer) FROM PUBLIC",
            "GRANT EXECUTE ON FUNCTION tasks_prune_audit(timestamptz, integer) TO PUBLIC",
        ),
    ]
