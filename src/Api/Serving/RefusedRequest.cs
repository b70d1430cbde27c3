using Recs.Api.Contracts;

namespace Recs.Api.Serving;

/// <summary>A request that the client can put right, or send again later; becomes problem+json.</summary>
internal sealed class RefusedRequest(int status, string title, string detail) : Exception(detail)
{
    public Problem Problem { get; init; } = new(title, status, detail);

    /// <summary>When to come again; null where coming again does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static RefusedRequest Invalid(string detail) => new(StatusCodes.Status400BadRequest, "invalid request", detail);

    public static RefusedRequest Later(int status, string title, string detail, TimeSpan after) => new(status, title, detail) { RetryAfter = after };
}
