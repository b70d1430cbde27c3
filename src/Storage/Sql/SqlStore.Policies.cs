using Dapper;
using Recs.Domain.Decisions;

namespace Recs.Storage.Sql;

// Logged actions beside those of another policy.
internal abstract partial class SqlStore
{
    private const string PolicyColumns = "run, unit, position, item_id, reward, propensity, target_propensity, modelled, target_value";

    public long SavePolicyRows(string run, IEnumerable<PolicyRow> rows) => Write((connection, transaction) =>
    {
        connection.Execute(Dialect("delete from policy_row where run = $run"), new { run }, transaction);
        return Load(connection, transaction, "policy_row", PolicyColumns, rows, (row, action) =>
        {
            row.Text(run);
            row.Text(action.Unit);
            row.Integer(action.Position);
            row.Text(action.Item);
            row.Double(action.Reward);
            row.Double(action.Propensity);
            row.Double(action.TargetPropensity);
            row.Double(action.Modelled);
            row.Double(action.TargetValue);
        });
    });
}
