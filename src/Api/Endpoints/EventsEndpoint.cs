using System.Text;
using System.Text.Json;
using Recs.Api.Contracts;
using Recs.Api.Serving;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Ingest;

namespace Recs.Api.Endpoints;

/// <summary><c>POST /v1/events</c>: checks all, then publishes all; answers once the brokers have them.</summary>
internal sealed class EventsEndpoint(EventProducer producer, ApiOptions options, TimeProvider clock)
{
    public async Task<IResult> Answer(HttpContext http, CancellationToken cancel)
    {
        var body = await JsonBody.Read(http, ApiJson.Default.JsonElement, options.BodyBytes);
        var events = Parse(body);
        var known = Timestamp.Now(clock);
        await Task.WhenAll(events.Select(source => producer.PublishAsync(new Fact(source, known), cancel)));
        return Results.Json(new EventsAnswer(events.Count, new SortedDictionary<string, int>(events.CountBy(TypeName).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal)),
            ApiJson.Default.EventsAnswer, statusCode: StatusCodes.Status202Accepted);
    }

    private List<Event> Parse(JsonElement body)
    {
        var entries = body.ValueKind switch
        {
            JsonValueKind.Object => [body],
            JsonValueKind.Array when body.GetArrayLength() <= options.Events => body.EnumerateArray().ToList(),
            JsonValueKind.Array => throw RefusedRequest.Invalid($"{body.GetArrayLength()} events, limit {options.Events}; send several requests"),
            _ => throw RefusedRequest.Invalid("the body is neither an event nor a list of events"),
        };
        var latest = Timestamp.Now(clock).Plus(EventLimits.Ahead);
        List<Event> events = [];
        List<EventProblem> problems = [];
        for (var index = 0; index < entries.Count; index++)
        {
            if (EventCodec.Parse(Encoding.UTF8.GetBytes(entries[index].GetRawText()), latest, out var rejection) is { } source) events.Add(source);
            else problems.Add(new(index, JsonNamingPolicy.SnakeCaseLower.ConvertName(rejection!.Reason.ToString()), rejection.Detail));
        }
        if (problems.Count == 0) return events;
        var summary = $"{problems.Count} of {entries.Count} events are refused, and none was published; the first at index {problems[0].Index}: {problems[0].Detail}";
        throw new RefusedRequest(StatusCodes.Status400BadRequest, "invalid events", summary)
        {
            Problem = new("invalid events", StatusCodes.Status400BadRequest, summary, problems),
        };
    }

    private static string TypeName(Event source) => source switch
    {
        ItemUpserted => "item",
        UserUpserted => "user",
        Impression => "impression",
        _ => "interaction",
    };
}
