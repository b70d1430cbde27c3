using Recs.Api.Keys;
using Recs.Api.Serving;
using Recs.Domain;

namespace Recs.Api;

/// <summary>What an operator may vary of <see cref="ApiServer"/>.</summary>
public sealed record ApiOptions
{
    /// <summary>Where it listens: http or https, a host or address, and a port; port 0 takes a free one. Default http://127.0.0.1:5080: this machine only. Name another address to be reached from elsewhere.</summary>
    public string Url { get; init; } = "http://127.0.0.1:5080";

    /// <summary>Where gRPC is served, over HTTP/2 alone (h2c where the scheme is http); null for nowhere. Default null.</summary>
    public string? GrpcUrl { get; init; }

    /// <summary>A PEM file with the server's certificate and its chain, for https; null with http. Default null.</summary>
    public string? Certificate { get; init; }

    /// <summary>A PEM file with the certificate's private key; null where it is in the same file. Default null.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>Who may call; null lets everybody who reaches the server. Default null.</summary>
    public ApiKeyRing? Keys { get; init; }

    /// <summary>Listens on another address than this machine's own although there are no keys. Default false: that is refused.</summary>
    public bool AllowWithoutKeys { get; init; }

    /// <summary>Requests a second of one key that does not say otherwise, twice as many at once; 0 is no limit. Range 0 to 1,000,000, default 1,000.</summary>
    public int KeyRequestsPerSecond { get; init; } = 1_000;

    /// <summary>Origins whose pages may call from a browser, such as https://shop.example. Default none: CORS is off.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Surfaces that may be ranked for; empty for any. Default empty.</summary>
    public IReadOnlyList<string> Surfaces { get; init; } = [];

    /// <summary>Time for a ranking, the wait for its turn included: what will not be done in it is left out, step by step. Range 1 ms to 1 minute, default 100 ms.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Rankings that run at once. Range 1 to 1,024, default twice the processors.</summary>
    public int RankingsAtOnce { get; init; } = Math.Min(1_024, 2 * Environment.ProcessorCount);

    /// <summary>Rankings that wait for one of those places; one more is answered 503. Range 0 to 100,000, default 256.</summary>
    public int RankingsWaiting { get; init; } = 256;

    /// <summary>Bytes of a request's body. Range 1 KiB to 64 MiB, default 8 MiB.</summary>
    public int BodyBytes { get; init; } = 8 << 20;

    /// <summary>Bytes of all headers of a request. Range 1 KiB to 1 MiB, default 16 KiB.</summary>
    public int HeaderBytes { get; init; } = 16 << 10;

    /// <summary>Headers of a request. Range 8 to 1,000, default 64.</summary>
    public int Headers { get; init; } = 64;

    /// <summary>Connections at once; one more is closed. Range 1 to 1,000,000, default 10,000.</summary>
    public int Connections { get; init; } = 10_000;

    /// <summary>Time for a client to send its headers. Range 1 second to 10 minutes, default 10 seconds.</summary>
    public TimeSpan HeadersTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes a second below which a client's sending or receiving is given up, after <see cref="SlowGrace"/>. Range 1 to 1,000,000, default 240.</summary>
    public int SlowestBytes { get; init; } = 240;

    /// <summary>Time before <see cref="SlowestBytes"/> is looked at. Range 2 seconds to 10 minutes, default 5 seconds.</summary>
    public TimeSpan SlowGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the moment that <c>/readyz</c> says no to the moment that no connection is taken any more, so that whoever balances the load has heard of it. Range 0 to 10 minutes, default 0.</summary>
    public TimeSpan DrainDelay { get; init; }

    /// <summary>Candidates that a request may name. Range 1 to 100,000, default 10,000.</summary>
    public int Candidates { get; init; } = 10_000;

    /// <summary>Places that a request may ask for. Range 1 to 1,000, default 200.</summary>
    public int Places { get; init; } = 200;

    /// <summary>Events in one request. Range 1 to 10,000, default 1,000.</summary>
    public int Events { get; init; } = 1_000;

    /// <summary>Texts in one request for embeddings. Range 1 to 8,192, default 2,048.</summary>
    public int EmbeddingInputs { get; init; } = 2_048;

    /// <summary>UTF-16 characters of one text to embed. Range 1 to 1,048,576, default 32,768.</summary>
    public int EmbeddingCharacters { get; init; } = 32_768;

    /// <summary>Requests for embeddings taken at once; one more is answered 429. Range 1 to 1,024, default 16.</summary>
    public int EmbeddingRequests { get; init; } = 16;

    /// <summary>Takes a line about each fault of the server's own; null drops them. No line holds an id of a person.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Takes every request once it is answered; null tells of none.</summary>
    public Action<RequestLine>? RequestLog { get; init; }

    /// <exception cref="RefusedException">A value is out of its range, or a place to listen on is not one, or is open to others without keys.</exception>
    internal ApiPlaces Validate()
    {
        Within(KeyRequestsPerSecond, 0, 1_000_000, nameof(KeyRequestsPerSecond));
        Within(Budget, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), nameof(Budget));
        Within(RankingsAtOnce, 1, 1_024, nameof(RankingsAtOnce));
        Within(RankingsWaiting, 0, 100_000, nameof(RankingsWaiting));
        Within(BodyBytes, 1 << 10, 64 << 20, nameof(BodyBytes));
        Within(HeaderBytes, 1 << 10, 1 << 20, nameof(HeaderBytes));
        Within(Headers, 8, 1_000, nameof(Headers));
        Within(Connections, 1, 1_000_000, nameof(Connections));
        Within(HeadersTime, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), nameof(HeadersTime));
        Within(SlowestBytes, 1, 1_000_000, nameof(SlowestBytes));
        Within(SlowGrace, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10), nameof(SlowGrace));
        Within(DrainDelay, TimeSpan.Zero, TimeSpan.FromMinutes(10), nameof(DrainDelay));
        Within(Candidates, 1, 100_000, nameof(Candidates));
        Within(Places, 1, 1_000, nameof(Places));
        Within(Events, 1, 10_000, nameof(Events));
        Within(EmbeddingInputs, 1, 8_192, nameof(EmbeddingInputs));
        Within(EmbeddingCharacters, 1, 1 << 20, nameof(EmbeddingCharacters));
        Within(EmbeddingRequests, 1, 1_024, nameof(EmbeddingRequests));
        foreach (var origin in CorsOrigins)
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var page) || page.Scheme is not ("http" or "https") || page.GetLeftPart(UriPartial.Authority) != origin)
                throw new RefusedException($"api: '{origin}' is no origin of a page; expected a scheme and a host alone, such as https://shop.example");
        return ApiPlaces.Of(this);
    }

    private static void Within<T>(T value, T least, T most, string name) where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0) throw new RefusedException(FormattableString.Invariant($"api: {name} is {value}, range {least} to {most}"));
    }
}
