using Recs.Features.Explaining;

namespace Recs.Features.Users;

/// <summary>
/// Where the user stands in their own time: hours since the last interaction (log), interactions of the session so far (a pause of 30 minutes ends one), days since the
/// first (to a day's mean; log), and the items they ever liked or disliked (log). The gap is −1 before the first; recent lists hold 100, and a longer session reads as 100.
/// </summary>
internal sealed class UserRhythm(FeatureParameters parameters) : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("user_rhythm",
        [new("pause_minutes", 30, 1, 1_440, "A pause that ends a session, in minutes.")], parameters => new UserRhythm(parameters));

    private readonly double _pause = parameters["pause_minutes"];
    private readonly float[] _values = new float[4];

    public override IReadOnlyList<string> Columns { get; } = ["user_gap_hours", "user_session", "user_tenure_days", "user_history"];

    public override void Begin(FeatureRequest request)
    {
        var recents = request.Recents;
        _values[0] = recents is [.., var last] ? Log(Math.Max(0, (request.Now - last.Time).TotalHours)) : -1;
        var (session, next) = (0, request.Now);
        for (var at = recents.Length - 1; at >= 0 && (next - recents[at].Time).TotalMinutes < _pause; at--)
        {
            session++;
            next = recents[at].Time;
        }
        _values[1] = Log(session);
        var profile = request.Profile;
        _values[2] = Log(Math.Max(0, Math.Max(Tenure(request), recents is [var oldest, ..] ? (request.Now - oldest.Time).TotalDays : 0)));
        _values[3] = Log(profile.Liked.Count + profile.Disliked.Count);
    }

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values) => _values.CopyTo(values);

    public override string[] Explain(FeatureRequest request, in Candidate candidate)
    {
        var profile = request.Profile;
        return
        [
            request.Recents is [.., var last] ? $"log(1 + hours) since {last.Time}, the newest entry of the recent list" : "−1: no recent interaction",
            Say($"log(1 + interactions) since the last pause of {_pause} min; {Evidence.Recents(request, _ => true)}"),
            Say($"log(1 + days) since the first interaction: the oldest of {request.Recents.Length} recent entries or of the histories' day tiles ({Tenure(request)} d ago)"),
            Say($"log(1 + items): {profile.Liked.Count} ever liked, {profile.Disliked.Count} ever disliked"),
        ];
    }

    private static double Tenure(FeatureRequest request)
    {
        var first = Math.Min(request.Profile.Liked.FirstDay, request.Profile.Disliked.FirstDay);
        return first == int.MaxValue ? 0 : request.Now.DayIndex - first;
    }
}
