using Recs.Api.Contracts;

namespace Recs.Api.Serving;

/// <summary>A request that the client can put right; becomes problem+json.</summary>
internal sealed class RefusedRequest(int status, string title, string detail) : Exception(detail)
{
    public Problem Problem { get; init; } = new(title, status, detail);

    public static RefusedRequest Invalid(string detail) => new(StatusCodes.Status400BadRequest, "invalid request", detail);
}
