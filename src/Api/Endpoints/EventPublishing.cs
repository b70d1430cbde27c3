using Recs.Api.Contracts;
using Recs.Api.Serving;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Ingest;

namespace Recs.Api.Endpoints;

/// <summary>Checks all events of a request, then publishes all, whatever protocol they came by.</summary>
internal sealed class EventPublishing(EventProducer producer, ApiOptions options, TimeProvider clock)
{
    /// <param name="count">How many there are.</param>
    /// <param name="event">The wire form of each, from 0.</param>
    /// <param name="cancel">The client is gone; some may be published.</param>
    /// <exception cref="RefusedRequest">Too many, or one is no event: none was published.</exception>
    /// <exception cref="RefusedException">The brokers did not take one.</exception>
    public async Task<EventsAnswer> PublishAsync(int count, Func<int, byte[]> @event, CancellationToken cancel)
    {
        if (count > options.Events) throw RefusedRequest.Invalid($"{count} events, limit {options.Events}; send several requests");
        var events = Parse(count, @event);
        var known = Timestamp.Now(clock);
        await Task.WhenAll(events.Select(source => producer.PublishAsync(new Fact(source, known), cancel)));
        return new(count, new SortedDictionary<string, int>(events.CountBy(TypeName).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal));
    }

    private List<Event> Parse(int count, Func<int, byte[]> @event)
    {
        var latest = Timestamp.Now(clock).Plus(EventLimits.Ahead);
        List<Event> events = [];
        List<EventProblem> problems = [];
        for (var index = 0; index < count; index++)
        {
            if (EventCodec.Parse(@event(index), latest, out var rejection) is { } source) events.Add(source);
            else problems.Add(new(index, WireNames.Of(rejection!.Reason), rejection.Detail));
        }
        if (problems.Count == 0) return events;
        var summary = $"{problems.Count} of {count} events are refused, and none was published; the first at index {problems[0].Index}: {problems[0].Detail}";
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
