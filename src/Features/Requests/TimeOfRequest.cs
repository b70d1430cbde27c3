namespace Recs.Features.Requests;

/// <summary>Hour of the day and day of the week of the request, in UTC; Monday is 0.</summary>
internal sealed class TimeOfRequest : Feature
{
    /// <summary>As a features file names it.</summary>
    public static FeatureDefinition Definition { get; } = new("time_of_request", [], _ => new TimeOfRequest());

    public override IReadOnlyList<string> Columns { get; } = ["hour", "weekday"];

    public override void Read(FeatureRequest request, in Candidate candidate, Span<float> values)
    {
        values[0] = request.Now.HourIndex - request.Now.DayIndex * 24;
        values[1] = (request.Now.DayIndex + 3) % 7; // 1970-01-01 was a Thursday
    }

    public override string[] Explain(FeatureRequest request, in Candidate candidate) => [$"hour of {request.Now}, UTC", $"weekday of {request.Now}, UTC, Monday is 0"];
}
