using System.Text;
using Recs.Storage.Marts;

namespace Recs.Storage.Postgres;

/// <summary>What a view that was just made lost with the one before it: the comments that its file's head holds, and the right of readers to see it.</summary>
internal static class ViewComments
{
    private const string Reader = "recs_reader";

    /// <summary>Statements without parameters: comments take none. All texts are this assembly's own.</summary>
    public static string Sql(ViewMart view)
    {
        var sql = new StringBuilder().Append($"comment on view {view.Name} is {Literal(view.Meaning)};\n");
        foreach (var (column, meaning) in view.Columns) sql.Append($"comment on column {view.Name}.{column} is {Literal(meaning)};\n");
        // A view reads with its owner's rights, past the row level security of the tables: not for recs_advertiser.
        return sql.Append($"do $$ begin if exists (select 1 from pg_roles where rolname = '{Reader}') then grant select on {view.Name} to {Reader}; end if; end $$").ToString();
    }

    private static string Literal(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
