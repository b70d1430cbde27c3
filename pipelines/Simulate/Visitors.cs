using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Pipelines.Simulate;

/// <summary>
/// The people of the world at the API's door: one asks for a slate, looks at it, clicks by taste, and what they saw and did is posted back. Everything goes
/// through HTTP, as a site would do it.
/// </summary>
internal sealed class Visitors(World world, HttpClient http, int places, int seed, TimeProvider clock)
{
    private readonly Dictionary<string, int> _numbers = world.Content.Select((item, at) => (item.Id.Value, at)).Concat(world.Campaigns.Select(campaign => (campaign.Item.Id.Value, campaign.Number)))
        .ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);

    /// <summary>One visit.</summary>
    /// <param name="number">Decides who comes and what they do.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HttpRequestException">The server refused or failed.</exception>
    public async Task<Visit> Visit(long number, CancellationToken cancel)
    {
        var random = new Random(HashCode.Combine(seed, number));
        var user = world.SomeUser(random);
        var asked = clock.GetTimestamp();
        using var answer = await http.PostAsJsonAsync("/v1/rank", new { user = World.UserName(user), n = places }, cancel);
        var took = clock.GetElapsedTime(asked);
        answer.EnsureSuccessStatusCode();
        using var body = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel);
        var now = Timestamp.Now(clock);
        var request = new RequestId(body.RootElement.GetProperty("request_id").GetString()!);
        List<ShownItem> shown = [];
        List<Event> events = [];
        List<SeenPlace> seen = [];
        foreach (var entry in body.RootElement.GetProperty("slate").EnumerateArray())
        {
            var (item, position) = (new ItemId(entry.GetProperty("item").GetString()!), entry.GetProperty("position").GetInt32());
            var price = entry.TryGetProperty("ad", out var ad) && ad.ValueKind == JsonValueKind.Object ? ad.GetProperty("price_micros").GetInt64() : 0;
            double? propensity = entry.TryGetProperty("propensity", out var drawn) && drawn.ValueKind == JsonValueKind.Number ? drawn.GetDouble() : null;
            shown.Add(new(item, position, propensity ?? 1, price));
            var appeal = world.Appeal(user, _numbers[item.Value]);
            var actions = Visitor.Act(position, appeal, random);
            events.AddRange(actions.Select(Did));
            seen.Add(new(item, position, price, propensity, appeal, actions.Contains(InteractionType.Click)));
            Interaction Did(InteractionType action) => new(new(string.Create(CultureInfo.InvariantCulture, $"{request}-{position}-{action}")), now, request, new(World.UserName(user)), item, action, 0, 0);
        }
        if (shown.Count > 0)
        {
            events.Insert(0, new Impression(new($"{request}-shown"), now, request, new(World.UserName(user)), "home", shown));
            await Post(events, cancel);
        }
        return new(now, user, seen, took, body.RootElement.GetProperty("degraded").GetString()!, body.RootElement.GetProperty("decision_id").GetString()!);
    }

    /// <summary>Posts events, all or none.</summary>
    public async Task Post(IReadOnlyList<Event> events, CancellationToken cancel)
    {
        var body = "[" + string.Join(',', events.Select(source => System.Text.Encoding.UTF8.GetString(EventCodec.Write(source)))) + "]";
        using var posted = await http.PostAsync("/v1/events", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), cancel);
        posted.EnsureSuccessStatusCode();
    }
}

/// <summary>What became of a visit.</summary>
/// <param name="Time">When, in the world's time.</param>
/// <param name="User">Who.</param>
/// <param name="Places">What they were shown.</param>
/// <param name="Took">How long the answer took, in real time.</param>
/// <param name="Degraded">What the answer did without.</param>
/// <param name="Decision">The answer's id in the ledger.</param>
internal sealed record Visit(Timestamp Time, int User, IReadOnlyList<SeenPlace> Places, TimeSpan Took, string Degraded, string Decision);

/// <summary>One place of a visit.</summary>
/// <param name="Item">What stood there.</param>
/// <param name="Position">Where.</param>
/// <param name="PriceMicros">Of an ad for a thousand impressions; 0 for content.</param>
/// <param name="Propensity">Where it was drawn.</param>
/// <param name="Appeal">P(click | looked at), which only the world knows.</param>
/// <param name="Clicked">Whether it was.</param>
internal sealed record SeenPlace(ItemId Item, int Position, long PriceMicros, double? Propensity, double Appeal, bool Clicked);
