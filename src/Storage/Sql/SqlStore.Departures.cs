using System.Data.Common;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dapper;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage.Facts;

namespace Recs.Storage.Sql;

// How facts leave: by age, and with the person they name.
internal abstract partial class SqlStore
{
    private static readonly string[] DecisionTables = ["decision_place", "decision_removal", "decision"];

    public void KeepFrom(DateOnly day) => Write((connection, transaction) =>
    {
        HoldAppends(connection, transaction);
        using var command = Command(connection, "update fact_retention set first_day = $day where one = 1 and first_day < $day", ("day", day));
        command.Transaction = transaction;
        return command.ExecuteNonQuery();
    });

    public IEnumerable<Fact> ReadBefore(DateOnly day) => Ask(connection =>
    {
        _reading = new(connection.BeginTransaction(SnapshotIsolation));
        return Stream(connection, _reading, FactReader.BeforeDay, ("day", day));
    });

    public long DropBefore(DateOnly day, StoredState remains) => Write((connection, transaction) =>
    {
        HoldAppends(connection, transaction);
        if (SqlTime.DayOf(SqlTime.From(connection.QuerySingle<DateTime>("select cast(first_day as timestamp) from fact_retention where one = 1", transaction: transaction))) < day)
            throw new InvalidOperationException($"events of days before {day:O} may still come to {Name}: keep from that day first");
        using var count = Command(connection, "select count(*) from fact where day < $day and type in (3, 4)", ("day", day));
        count.Transaction = transaction;
        var dropped = (long)count.ExecuteScalar()!;
        DropDays(connection, transaction, day);
        foreach (var table in DecisionTables)
            using (var decisions = Command(connection, $"delete from {table} where day < $day", ("day", day)))
            {
                decisions.Transaction = transaction;
                decisions.ExecuteNonQuery();
            }
        DropStates(connection, transaction, StateKind.Snapshot);
        var epoch = NextEpoch(connection, transaction);
        DropFromMarts(connection, transaction, day, epoch);
        KeepState(connection, transaction, remains with { Kind = StateKind.Base, Batch = 0, Epoch = epoch });
        return dropped;
    }, _ => Changed());

    public bool IsErased(UserId user) => Ask(connection =>
        connection.QuerySingle<long>(Dialect("select count(*) from erased_user where user_hash = $hash"), new { hash = UserHash.Of(user) }) > 0);

    public IReadOnlyDictionary<string, long> Erase(UserId user, Timestamp at, Func<StoredState, IReadOnlyList<Event>, StoredState?> without) => Write((connection, transaction) =>
    {
        HoldAppends(connection, transaction);
        var touched = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var epoch = NextEpoch(connection, transaction);
        foreach (var kind in new[] { StateKind.Base, StateKind.Snapshot })
        {
            if (FindState(connection, transaction, kind) is not { } state) continue;
            // A base holds only what retention dropped: none of the facts that are still here.
            var inState = kind == StateKind.Base ? [] : EventsOf(connection, user, state.Batch);
            touched[kind == StateKind.Base ? "state_base" : "state_snapshot"] = 1;
            if (without(state, inState) is { } rest) KeepState(connection, transaction, rest with { Epoch = epoch });
            else DropStates(connection, transaction, kind);
        }
        var id = user.Value;
        EraseFromMarts(connection, transaction, id, epoch, touched);
        touched["fact_shown"] = Delete("fact_shown where (day, event_id) in (select day, event_id from fact where user_id = $id)");
        touched["fact"] = Delete("fact where user_id = $id");
        touched["late_event"] = Delete("late_event where user_id = $id");
        touched["prediction"] = Delete("prediction where user_id = $id");
        touched["score"] = Delete("score where user_id = $id");
        touched["decision_place"] = Delete("decision_place where decision_id in (select decision_id from decision where user_id = $id)");
        touched["decision_removal"] = Delete("decision_removal where decision_id in (select decision_id from decision where user_id = $id)");
        touched["decision"] = Delete("decision where user_id = $id");
        touched["policy_row"] = Delete("policy_row where unit = $id");
        touched["dead_letter"] = EraseDeadLetters(connection, transaction, user);
        connection.Execute(Dialect("""
            insert into erased_user (user_hash, erased_at, certificate) values ($hash, $at, $certificate)
            on conflict (user_hash) do update set erased_at = excluded.erased_at, certificate = excluded.certificate
            """), new { hash = UserHash.Of(user), at = SqlTime.Of(at), certificate = JsonSerializer.Serialize(new Dictionary<string, long>(touched), StateJson.Default.DictionaryStringInt64) }, transaction);
        return touched;

        long Delete(string from) => connection.Execute(Dialect($"delete from {from}"), new { id }, transaction);
    }, _ => Changed());

    private List<Event> EventsOf(DbConnection connection, UserId user, long batch)
    {
        using var command = Command(connection, FactReader.OfUser, ("user", user.Value), ("batch", batch));
        using var rows = command.ExecuteReader();
        return [.. FactReader.Read(rows).Select(fact => fact.Event)];
    }

    /// <summary>Refused messages that have the id as their key, or hold it as a JSON text, written plainly or with escapes.</summary>
    private long EraseDeadLetters(DbConnection connection, DbTransaction transaction, UserId user)
    {
        byte[][] written = [.. new JavaScriptEncoder[] { JavaScriptEncoder.UnsafeRelaxedJsonEscaping, JavaScriptEncoder.Default }
            .Select(encoder => Encoding.UTF8.GetBytes($"\"{encoder.Encode(user.Value)}\""))];
        var key = Convert.ToBase64String(Encoding.UTF8.GetBytes(user.Value));
        List<(string Topic, int Part, long Offset, string Hash)> named = [];
        using (var command = Command(connection, "select topic, part, off, content_hash, raw, message_key from dead_letter"))
        {
            command.Transaction = transaction;
            using var rows = command.ExecuteReader();
            while (rows.Read())
                if (ReadBytes(rows, 4) is var raw && written.Any(text => raw.AsSpan().IndexOf(text) >= 0) || !rows.IsDBNull(5) && rows.GetString(5) == key)
                    named.Add((rows.GetString(0), rows.GetInt32(1), rows.GetInt64(2), rows.GetString(3)));
        }
        foreach (var (topic, part, off, hash) in named)
            connection.Execute(Dialect("delete from dead_letter where topic = $topic and part = $part and off = $off and content_hash = $hash"), new { topic, part, off, hash }, transaction);
        return named.Count;
    }
}
