using System.Data.Common;
using Dapper;
using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Events;

namespace Recs.Storage.Sql;

// The decision ledger.
internal abstract partial class SqlStore
{
    // A list of parameters for one statement must not grow without bound.
    private const int DecisionsAtOnce = 500;

    public int Keep(IReadOnlyList<Decision> decisions) => Write((connection, transaction) =>
    {
        // Erasure must not pass between the question who is erased and the writing.
        EnterAppend(connection, transaction);
        var kept = 0;
        foreach (var part in decisions.DistinctBy(decision => decision.Id).Chunk(DecisionsAtOnce))
        {
            var known = Values(connection, transaction, "select decision_id from decision where decision_id in", part.Select(decision => decision.Id));
            var erased = Values(connection, transaction, "select user_hash from erased_user where user_hash in", part.Select(decision => UserHash.Of(decision.User)).Distinct());
            var fresh = part.Where(decision => !known.Contains(decision.Id) && !erased.Contains(UserHash.Of(decision.User))).ToList();
            if (fresh.Count == 0) continue;
            Load(connection, transaction, "decision", "decision_id, day, decided_at, request_id, user_id, surface, model_version, embedding_version, policy_version, code_version, degraded, experiments, candidates, answer, inputs",
                fresh, Write);
            Load(connection, transaction, "decision_place", "decision_id, day, position, item_id, kind, score, propensity, advertiser, ecpm_micros, price_micros",
                fresh.SelectMany(decision => decision.Places.Select(place => (decision, place))), (row, pair) => Write(row, pair.decision, pair.place));
            Load(connection, transaction, "decision_removal", "decision_id, day, reason, candidates",
                fresh.SelectMany(decision => decision.Removed.OrderBy(removed => removed.Key, StringComparer.Ordinal).Select(removed => (decision, removed))), (row, pair) =>
                {
                    row.Text(pair.decision.Id);
                    row.Day(SqlTime.DayOf(pair.decision.Time));
                    row.Text(pair.removed.Key);
                    row.Integer(pair.removed.Value);
                });
            kept += fresh.Count;
        }
        return kept;
    });

    public Decision? FindDecision(string id) => Ask(connection =>
    {
        List<DecidedPlace> places = [];
        using (var command = Command(connection, "select position, item_id, kind, score, propensity, advertiser, ecpm_micros, price_micros from decision_place where decision_id = $id order by position", ("id", id)))
        {
            using var rows = command.ExecuteReader();
            while (rows.Read())
                places.Add(new(rows.GetInt32(0), new(rows.GetString(1)), rows.GetString(2) == "ad", rows.GetDouble(3), rows.GetDouble(4), rows.IsDBNull(5) ? null : new AdvertiserId(rows.GetString(5)), rows.GetInt64(6), rows.GetInt64(7)));
        }
        Dictionary<string, int> removed = [];
        using (var command = Command(connection, "select reason, candidates from decision_removal where decision_id = $id", ("id", id)))
        {
            using var rows = command.ExecuteReader();
            while (rows.Read()) removed.Add(rows.GetString(0), rows.GetInt32(1));
        }
        using var found = Command(connection, """
            select decided_at, request_id, user_id, surface, model_version, embedding_version, policy_version, code_version, degraded, experiments, candidates, answer, inputs
            from decision where decision_id = $id
            """, ("id", id));
        using var row = found.ExecuteReader();
        return !row.Read() ? null : new Decision
        {
            Id = id,
            Time = SqlTime.From(row.GetDateTime(0)),
            Request = new(row.GetString(1)),
            User = new(row.GetString(2)),
            Surface = row.GetString(3),
            Versions = new(row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7)),
            Degraded = row.GetString(8),
            Experiments = row.GetString(9),
            Candidates = row.GetInt32(10),
            Answer = ReadBytes(row, 11),
            Inputs = ReadBytes(row, 12),
            Places = places,
            Removed = removed,
        };
    });

    public IReadOnlyList<string> NewestDecisions(int limit) => Ask(connection =>
        connection.Query<string>(Dialect("select decision_id from decision order by decided_at desc, decision_id limit $limit"), new { limit }).ToList());

    private HashSet<string> Values(DbConnection connection, DbTransaction transaction, string select, IEnumerable<string> among)
    {
        var parameters = among.Select((value, at) => (Name: $"v{at}", Value: (object)value)).ToArray();
        using var command = Command(connection, $"{select} ({string.Join(", ", parameters.Select(parameter => "$" + parameter.Name))})", parameters);
        command.Transaction = transaction;
        using var rows = command.ExecuteReader();
        var found = new HashSet<string>(StringComparer.Ordinal);
        while (rows.Read()) found.Add(rows.GetString(0));
        return found;
    }

    private static void Write(BulkWriter row, Decision decision)
    {
        row.Text(decision.Id);
        row.Day(SqlTime.DayOf(decision.Time));
        row.Time(decision.Time);
        row.Text(decision.Request.Value);
        row.Text(decision.User.Value);
        row.Text(decision.Surface);
        row.Text(decision.Versions.Model);
        row.Text(decision.Versions.Embedding);
        row.Text(decision.Versions.Policy);
        row.Text(decision.Versions.Code);
        row.Text(decision.Degraded);
        row.Text(decision.Experiments);
        row.Integer(decision.Candidates);
        row.Bytes(decision.Answer);
        row.Bytes(decision.Inputs);
    }

    private static void Write(BulkWriter row, Decision decision, DecidedPlace place)
    {
        row.Text(decision.Id);
        row.Day(SqlTime.DayOf(decision.Time));
        row.Integer(place.Position);
        row.Text(place.Item.Value);
        row.Text(place.IsAd ? "ad" : "content");
        row.Double(place.Score);
        row.Double(place.Propensity);
        row.Text(place.Advertiser?.Value);
        row.Long(place.EcpmMicros);
        row.Long(place.PriceMicros);
    }
}
