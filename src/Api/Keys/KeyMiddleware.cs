using System.Threading.RateLimiting;
using Recs.Api.Serving;

namespace Recs.Api.Keys;

/// <summary>
/// Lets a request through to its route when its key has the route's scope and is not over its rate: otherwise 401, 403 or 429. Routes that ask for no scope
/// are open. On a server without keys everybody may call what is not always an admin's.
/// </summary>
internal sealed class KeyMiddleware : IDisposable
{
    private readonly RequestDelegate _next;
    private readonly ApiKeyRing? _keys;
    private readonly PartitionedRateLimiter<ApiKey> _rates;

    public KeyMiddleware(RequestDelegate next, ApiOptions options)
    {
        (_next, _keys) = (next, options.Keys);
        _rates = PartitionedRateLimiter.Create<ApiKey, (string, int)>(key =>
        {
            var rate = key.RequestsPerSecond ?? options.KeyRequestsPerSecond;
            return rate == 0 ? RateLimitPartition.GetNoLimiter((key.Id, rate)) : RateLimitPartition.GetTokenBucketLimiter((key.Id, rate), _ => new()
            {
                TokenLimit = 2 * rate, TokensPerPeriod = rate, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0,
            });
        });
    }

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequiredScopeAttribute>() is { } required) Admit(http, required);
        await _next(http);
    }

    public void Dispose() => _rates.Dispose();

    private void Admit(HttpContext http, RequiredScopeAttribute required)
    {
        if (_keys is null)
        {
            if (required.Always) throw new RefusedRequest(StatusCodes.Status403Forbidden, "forbidden", "this needs an admin key, and this server has none; start it with --keys FILE");
            return;
        }
        var key = Presented(http) is { } presented ? _keys.Find(presented) : null;
        if (key is null)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            throw new RefusedRequest(StatusCodes.Status401Unauthorized, "unauthorized", "the key is missing or not known; send it as 'authorization: Bearer KEY' or 'x-api-key: KEY'");
        }
        if (!key.May(required.Scope))
            throw new RefusedRequest(StatusCodes.Status403Forbidden, "forbidden", $"key {key.Id} has the scopes {string.Join(", ", ApiKeyFile.Words(key.Scopes))}, and this needs {string.Join(", ", ApiKeyFile.Words(required.Scope))}");
        using var lease = _rates.AttemptAcquire(key);
        if (!lease.IsAcquired)
            throw RefusedRequest.Later(StatusCodes.Status429TooManyRequests, "too many requests", $"key {key.Id} is over its requests a second; send fewer, or ask for a higher rate",
                lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1));
        http.Features.Set(new Caller(key));
    }

    private static string? Presented(HttpContext http)
    {
        const string bearer = "Bearer ";
        if (http.Request.Headers.Authorization is [{ } authorization] && authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase)) return authorization[bearer.Length..].Trim();
        return http.Request.Headers["x-api-key"] is [{ Length: > 0 } key] ? key : null;
    }
}
