using Recs.Domain.Events;
using Recs.Features.Explaining;

namespace Recs.Features.Users;

/// <summary>
/// How the user judged lately: the share of likes among the newest 5, 10 and 20 interactions, each drawn to one half by one like and one dislike, how many of one kind
/// came last in a row (negative for dislikes), and the days since the last like (−1 before the first).
/// </summary>
internal sealed class LikingStreak : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("liking_streak", [], _ => new LikingStreak());

    private readonly float[] _values = new float[5];

    public override IReadOnlyList<string> Columns { get; } = ["liked_of_last_5", "liked_of_last_10", "liked_of_last_20", "liking_streak", "days_since_like"];

    public override void Begin(FeatureRequest request)
    {
        var recents = request.Recents;
        int liked = 0, streak = 0, met = 0;
        var (broken, lastLike) = (false, -1.0);
        _values.AsSpan(0, 3).Fill(0.5f); // the shares, before anything was judged
        for (var i = recents.Length - 1; i >= 0; i--)
        {
            var like = recents[i].Type.IsPositive();
            if (like && lastLike < 0) lastLike = Math.Max(0, (request.Now - recents[i].Time).TotalDays);
            if (!broken && (streak == 0 || streak > 0 == like)) streak += like ? 1 : -1;
            else broken = true;
            met++;
            liked += like ? 1 : 0;
            var share = (liked + 1f) / (met + 2);
            if (met <= 5) _values[0] = share;
            if (met <= 10) _values[1] = share;
            if (met <= 20) _values[2] = share;
            if (met >= 20 && broken && lastLike >= 0) break;
        }
        _values[3] = streak;
        _values[4] = lastLike < 0 ? -1 : Log(lastLike);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) => _values.CopyTo(values);

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var latest = "newest first: " + Evidence.Recents(request, _ => true);
        string Share(int of)
        {
            var recents = request.Recents[^Math.Min(of, request.Recents.Length)..];
            var liked = 0;
            foreach (ref readonly var recent in recents) liked += recent.Type.IsPositive() ? 1 : 0;
            return Say($"({liked} likes + 1) / ({recents.Length} + 2); {latest}");
        }
        return [Share(5), Share(10), Share(20), $"likes in a row at the end, dislikes count down; {latest}", _values[4] < 0 ? "−1: never liked" : $"log(1 + days) since the newest of: {Evidence.Recents(request, recent => recent.Type.IsPositive())}"];
    }
}
