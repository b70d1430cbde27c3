using Recs.Domain.Events;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Affinity;

/// <summary>
/// How strongly the candidate goes together with what the user engaged with lately: over the newest 50 distinct items of the
/// recent list the sum, the greatest, and the sum over the newest 10 of the affinity strengths. 0 without a table or history.
/// </summary>
internal sealed class CoEngagement(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("co_engagement",
    [
        new("horizon", 50, 1, 100, "Distinct items of the recent list that count.", Whole: true),
        new("latest", 10, 1, 100, "Of these, how many make affinity_latest.", Whole: true),
    ], parameters => new CoEngagement(parameters));

    private readonly int _horizon = parameters.Whole("horizon"), _newest = parameters.Whole("latest");

    private readonly TableIndex _rows = new();
    private readonly HashSet<int> _seen = [];
    private readonly List<int> _touched = [];
    private float[] _sum = [], _max = [], _latest = [];

    public override IReadOnlyList<string> Columns { get; } = ["affinity_sum", "affinity_max", "affinity_latest"];

    public override void Begin(FeatureRequest request)
    {
        foreach (var row in _touched) _sum[row] = _max[row] = _latest[row] = 0;
        _touched.Clear();
        _seen.Clear();
        if (request.Affinity is not { } table) return;
        if (_sum.Length < table.Count)
        {
            _sum = new float[table.Count];
            _max = new float[table.Count];
            _latest = new float[table.Count];
        }
        var recents = request.Recents;
        for (var i = recents.Length - 1; i >= 0 && _seen.Count < _horizon; i--)
        {
            if (!recents[i].Type.IsPositive() || !_seen.Add(recents[i].Item)) continue;
            var row = Row(request, table, recents[i].Item);
            if (row < 0) continue;
            var neighbours = table.Neighbours(row);
            var strengths = table.Strengths(row);
            for (var n = 0; n < neighbours.Length; n++)
            {
                var neighbour = neighbours[n];
                if (_sum[neighbour] == 0) _touched.Add(neighbour);
                _sum[neighbour] += strengths[n];
                _max[neighbour] = Math.Max(_max[neighbour], strengths[n]);
                if (_seen.Count <= _newest) _latest[neighbour] += strengths[n];
            }
        }
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        var row = request.Affinity is { } table ? Row(request, table, candidate.Item) : -1;
        values[0] = row < 0 ? 0 : _sum[row];
        values[1] = row < 0 ? 0 : _max[row];
        values[2] = row < 0 ? 0 : _latest[row];
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        if (request.Affinity is not { } table) return ["0: no table", "0: no table", "0: no table"];
        var row = Row(request, table, candidate.Item);
        if (row < 0) return [.. Columns.Select(_ => $"0: the item takes no part in the table of what was known before {table.Before}")];
        List<(string Item, float Strength, bool Latest)> met = [];
        HashSet<int> seen = [];
        var recents = request.Recents;
        for (var i = recents.Length - 1; i >= 0 && seen.Count < _horizon; i--)
        {
            if (!recents[i].Type.IsPositive() || !seen.Add(recents[i].Item)) continue;
            if (Row(request, table, recents[i].Item) is not (>= 0 and var other)) continue;
            var at = table.Neighbours(other).IndexOf(row);
            if (at >= 0) met.Add((request.State.Items[recents[i].Item], table.Strengths(other)[at], seen.Count <= _newest));
        }
        string Of(IEnumerable<(string Item, float Strength, bool Latest)> chosen)
        {
            List<(string Item, float Strength, bool Latest)> list = [.. chosen.OrderByDescending(entry => entry.Strength)];
            return Evidence.List(list, list.Count, entry => Say($"{entry.Item} {entry.Strength:0.####}"));
        }
        var source = $"co-engagement known before {table.Before}";
        return [$"sum of {Of(met)}; {source}, the newest {_horizon} liked items", $"greatest of {Of(met)}; {source}", $"sum of {Of(met.Where(entry => entry.Latest))}; {source}, the newest {_newest} liked items"];
    }

    private int Row(FeatureRequest request, AffinityTable table, int item) => _rows.Row(table, table.Find, request.State.Items, item);
}
