using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Counting;
using Recs.Features.Explaining;
using Recs.Features.State;

namespace Recs.Features.Users;

/// <summary>What this user did with this very item: how often, on how many days, how recently (−1 for never). Owns the user histories.</summary>
internal sealed class UserItemHistory(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("user_item_history",
        [new("half_life_days", 60, 0.5, 3_650, "Half-life of the decayed count, in days.")], parameters => new UserItemHistory(parameters));

    private readonly double _halfLifeSeconds = parameters["half_life_days"] * 86_400;

    public override IReadOnlyList<string> Columns { get; } =
        ["user_item_count", $"user_item_{parameters.Days("half_life_days")}", "user_item_days_since_last", "user_item_days_since_first", "user_item_share"];

    public override void Update(Event source, RankingState state, int sign)
    {
        if (source is not Interaction interaction || !(interaction.Action.IsPositive() || interaction.Action.IsNegative())) return;
        var (profile, item) = (state.ProfileForUpdate(state.Users.Intern(interaction.User.Value)), state.Items.Intern(interaction.Item.Value));
        (interaction.Action.IsPositive() ? profile.Liked : profile.Disliked).Add(item, source.Time, sign);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        var tiles = request.Profile.Liked.Find(candidate.Item);
        if (tiles.IsEmpty)
        {
            values[0] = values[1] = values[4] = 0;
            values[2] = values[3] = -1;
            return;
        }
        var count = 0;
        foreach (ref readonly var tile in tiles) count += tile.Count;
        values[0] = count;
        values[1] = (float)TileList.Decayed(tiles, 86_400, request.Now, _halfLifeSeconds);
        values[2] = DaysSince(request, tiles[^1]);
        values[3] = DaysSince(request, tiles[0]);
        values[4] = (float)((double)count / Math.Max(1, request.State.UserTotals[request.User].Positives));
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var tiles = request.Profile.Liked.Find(candidate.Item).ToArray();
        if (tiles.Length == 0) return ["0: never", "0: never", "−1: never", "−1: never", "0: never"];
        var days = Evidence.List(tiles.Reverse(), tiles.Length, tile => Say($"{Timestamp.OfDay(tile.Index).ToString()[..10]} ×{tile.Count}"));
        var all = request.State.UserTotals[request.User].Positives;
        return
        [
            $"positive interactions with this item: {days}", Say($"Σ count · 2^(−age / {_halfLifeSeconds / 86_400} d) over {days}"),
            $"days since the mean moment of the newest of {days}", $"days since the mean moment of the oldest of {days}",
            Say($"{tiles.Sum(tile => tile.Count)} of the user's {all} positive interactions"),
        ];
    }

    private static float DaysSince(FeatureRequest request, in Tile tile)
    {
        var mean = tile.Index * 86_400.0 + (double)tile.OffsetSeconds / Math.Max(1, tile.Count);
        return (float)Math.Max(0, (request.Now.Milliseconds / 1_000.0 - mean) / 86_400);
    }
}
