using Recs.Api.Keys;

namespace Recs.Api.Serving;

/// <summary>One answered request, for a log. It holds no id of a person or an item: the route is its pattern.</summary>
/// <param name="Route">Method and pattern, such as "POST /v1/rank".</param>
/// <param name="Status">The answer's status.</param>
/// <param name="Milliseconds">From the first byte of the request to the last of the answer.</param>
/// <param name="Key">The id of the caller's key; null on a server without keys.</param>
public sealed record RequestLine(string Route, int Status, double Milliseconds, string? Key);

/// <summary>Tells of every request once it is answered.</summary>
internal sealed class RequestLog(RequestDelegate next, Action<RequestLine> told, TimeProvider clock)
{
    /// <summary>Method and pattern of the route: a path may hold an id of a person.</summary>
    public static string RouteOf(HttpContext http) => $"{http.Request.Method} {(http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)"}";

    public async Task InvokeAsync(HttpContext http)
    {
        var begun = clock.GetTimestamp();
        try
        {
            await next(http);
        }
        finally
        {
            told(new(RouteOf(http), http.Response.StatusCode, clock.GetElapsedTime(begun).TotalMilliseconds, Caller.Of(http).Key?.Id));
        }
    }
}
