using System.Globalization;
using Recs.Storage;
using Recs.Storage.Sql;

namespace Recs.Sql.Tests.Experiments;

/// <summary>
/// Many experiments in one store, each a layer with users of its own, drawn inside the database from MD5 digests: the same on every machine. Users enter on
/// one of the first five of fourteen days and see two items on a day with chance 1/2; each is clicked with the user's own rate, 5 % to 35 % unless told otherwise.
/// </summary>
internal static class SimulatedExperiments
{
    /// <param name="store">Migrated, empty, DuckDB.</param>
    /// <param name="layers">Experiments.</param>
    /// <param name="users">Of each.</param>
    /// <param name="share">Chance of a user to be in the arm "treatment".</param>
    /// <param name="lift">Added to the click rate in it.</param>
    /// <param name="isShown">False: users are assigned and see nothing.</param>
    /// <param name="seed">Another seed draws all anew.</param>
    /// <param name="rates">Users' click rates lie evenly between these.</param>
    public static void Fill(IRecsStore store, int layers, int users, double share = 0.5, double lift = 0, bool isShown = true, int seed = 1, (double Least, double Most)? rates = null)
    {
        var (least, most) = rates ?? (0.05, 0.35);
        var sql = (SqlStore)store;
        string Draw(string what) => $"(cast('0x' || substr(md5('{seed}:{what}:' || key), 1, 12) as bigint) / 281474976710656.0)";
        string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
        sql.Execute($"""
            create temp table who as
              select layer, 'u' || key as user_id, case when {Draw("arm")} < {Number(share)} then 'treatment' else 'control' end as arm,
                cast(floor({Draw("entry")} * 5) as integer) as entered, {Number(least)} + {Number(most - least)} * {Draw("taste")} as rate
              from (select 'l' || lpad(cast(l as text), 4, '0') as layer, l || '-' || u as key from generate_series(1, {layers}) a (l) cross join generate_series(1, {users}) b (u));
            create temp table page as
              select user_id, day, 'p' || key as id,
                rate + case when arm = 'treatment' then {Number(lift)} else 0 end as rate, key
              from (select w.*, w.user_id || '-' || d as key, d, date '2011-11-05' + cast(d as integer) as day from who w cross join generate_series(0, 13) e (d) where d >= w.entered)
              where {(isShown ? Draw("visit") : "1.0")} < 0.5;
            insert into decision select 'd' || user_id, date '2011-11-05' + entered, date '2011-11-05' + entered, 'r' || user_id, user_id, 'home', 'm', 'none', 'p', 'c', 'none', layer || '=' || arm, 1, ''::blob, ''::blob from who;
            insert into fact select day, id, 3, day, day, user_id, null, id, 'home', null, null, null, null, 0 from page;
            insert into fact_shown select day, id, o, o + 1, 'i' || o, null, 0 from page cross join generate_series(0, 1) g (o);
            insert into fact
              select day, id || '-' || o, 4, day, day, user_id, 'i' || o, id, null, 1, null, null, null, 0
              from (select *, key || '/' || o as seen from page cross join generate_series(0, 1) g (o))
              where (cast('0x' || substr(md5('{seed}:click:' || seen), 1, 12) as bigint) / 281474976710656.0) < rate;
            drop table page;
            drop table who
            """);
        store.RefreshMarts(rebuild: true);
    }
}
