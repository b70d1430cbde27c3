using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Faults.Tests;

/// <summary>Visitors who ask whichever replica is up, by turns, and post back what they saw; they remember every answer. Starts at once.</summary>
internal sealed class SiteLoad : IDisposable
{
    private const int Visitors = 4, Places = 10;

    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<Replica> _replicas;
    private readonly Task _visits;
    private long _number;

    /// <param name="replicas">The list may be changed by replacing an entry.</param>
    public SiteLoad(IReadOnlyList<Replica> replicas)
    {
        _replicas = replicas;
        _visits = Task.WhenAll(Enumerable.Range(0, Visitors).Select(visitor => Task.Run(() => Visit(visitor))));
    }

    /// <summary>Answers with a slate.</summary>
    public ConcurrentQueue<AnsweredVisit> Answered { get; } = [];

    /// <summary>Impressions that were taken, with their prices.</summary>
    public ConcurrentQueue<Impression> Taken { get; } = [];

    /// <summary>503s with Retry-After.</summary>
    public int Refused;

    /// <summary>Answers that must not be, in words.</summary>
    public ConcurrentQueue<string> Faults { get; } = [];

    /// <summary>Lets the visits under way end.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _visits;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task Visit(int visitor)
    {
        var random = new Random(visitor);
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _number);
            var replica = _replicas[(int)(number % _replicas.Count)];
            var user = string.Create(CultureInfo.InvariantCulture, $"u{random.Next(SmallSite.Users)}");
            try
            {
                using var answer = await replica.Http.PostAsJsonAsync("/v1/rank", new { user, n = Places });
                if (await IsGood(answer, HttpStatusCode.OK)) await See(replica, user, await answer.Content.ReadAsStringAsync());
            }
            catch (HttpRequestException) when (!replica.IsAlive)
            {
                // Nobody answers for the dead.
            }
            catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
            {
                if (replica.IsAlive) Faults.Enqueue($"{fault.GetType().Name}: {fault.Message}");
            }
            await Task.Delay(random.Next(10, 40));
        }
    }

    private async Task See(Replica replica, string user, string body)
    {
        using var answer = JsonDocument.Parse(body);
        var root = answer.RootElement;
        var slate = root.GetProperty("slate").EnumerateArray().Select(entry => new ShownItem(new(entry.GetProperty("item").GetString()!), entry.GetProperty("position").GetInt32(),
            entry.TryGetProperty("propensity", out var drawn) && drawn.ValueKind == JsonValueKind.Number ? drawn.GetDouble() : 1,
            entry.TryGetProperty("ad", out var ad) && ad.ValueKind == JsonValueKind.Object ? ad.GetProperty("price_micros").GetInt64() : 0)).ToList();
        var request = root.GetProperty("request_id").GetString()!;
        Answered.Enqueue(new(replica, root.GetProperty("decision_id").GetString()!, request, root.GetProperty("degraded").GetString()!, TimeProvider.System.GetTimestamp()));
        if (slate.Count == 0) return;
        var shown = new Impression(new($"{request}-shown"), Timestamp.Now(TimeProvider.System), new(request), new(user), "home", slate);
        using var posted = await replica.Http.PostAsync(new Uri("/v1/events", UriKind.Relative), new StringContent(Encoding.UTF8.GetString(EventCodec.Write(shown)), Encoding.UTF8, "application/json"));
        if (await IsGood(posted, HttpStatusCode.Accepted)) Taken.Enqueue(shown);
    }

    private async Task<bool> IsGood(HttpResponseMessage answer, HttpStatusCode expected)
    {
        if (answer.StatusCode == expected) return true;
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null) Interlocked.Increment(ref Refused);
        else Faults.Enqueue($"{(int)answer.StatusCode} {answer.RequestMessage?.RequestUri?.AbsolutePath}: {await answer.Content.ReadAsStringAsync()}");
        return false;
    }
}

/// <summary>An answer with a slate.</summary>
/// <param name="Replica">Who gave it.</param>
/// <param name="Decision">Its id in the ledger.</param>
/// <param name="Request">Its request.</param>
/// <param name="Degraded">What it did without.</param>
/// <param name="At">When it came, <see cref="TimeProvider.GetTimestamp"/>.</param>
internal sealed record AnsweredVisit(Replica Replica, string Decision, string Request, string Degraded, long At);
