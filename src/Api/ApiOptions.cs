using Recs.Domain;

namespace Recs.Api;

/// <summary>What an operator may vary of <see cref="ApiServer"/>.</summary>
public sealed record ApiOptions
{
    /// <summary>Where it listens: http, a host or address, and a port; port 0 takes a free one. Default http://127.0.0.1:5080: this machine only. Name another address to be reached from elsewhere.</summary>
    public string Url { get; init; } = "http://127.0.0.1:5080";

    /// <summary>Bytes of a request's body. Range 1 KiB to 64 MiB, default 8 MiB.</summary>
    public int BodyBytes { get; init; } = 8 << 20;

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

    /// <summary>Takes a line about each fault of the server's own; null drops them.</summary>
    public Action<string>? Log { get; init; }

    /// <exception cref="RefusedException">A value is out of its range.</exception>
    internal Uri Validate()
    {
        Within(BodyBytes, 1 << 10, 64 << 20, nameof(BodyBytes));
        Within(Candidates, 1, 100_000, nameof(Candidates));
        Within(Places, 1, 1_000, nameof(Places));
        Within(Events, 1, 10_000, nameof(Events));
        Within(EmbeddingInputs, 1, 8_192, nameof(EmbeddingInputs));
        Within(EmbeddingCharacters, 1, 1 << 20, nameof(EmbeddingCharacters));
        Within(EmbeddingRequests, 1, 1_024, nameof(EmbeddingRequests));
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp || url.PathAndQuery != "/")
            throw new RefusedException($"api: the URL '{Url}' is none to listen on; expected http://HOST:PORT, such as http://127.0.0.1:5080");
        return url;
    }

    private static void Within(int value, int least, int most, string name)
    {
        if (value < least || value > most) throw new RefusedException($"api: {name} is {value}, range {least} to {most}");
    }
}
