using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Recs.Api.Serving;

/// <summary>What the server bears of a client before a request is read: sizes, counts and slowness.</summary>
internal static class KestrelLimits
{
    public static void Apply(KestrelServerOptions kestrel, ApiOptions options)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = (long)options.BodyBytes * JsonBody.Drained;
        limits.MaxRequestHeadersTotalSize = options.HeaderBytes;
        limits.MaxRequestHeaderCount = options.Headers;
        limits.MaxConcurrentConnections = options.Connections;
        limits.RequestHeadersTimeout = options.HeadersTime;
        limits.MinRequestBodyDataRate = new(options.SlowestBytes, options.SlowGrace);
        limits.MinResponseDataRate = new(options.SlowestBytes, options.SlowGrace);
        limits.Http2.MaxStreamsPerConnection = 100;
        limits.Http2.MaxRequestHeaderFieldSize = Math.Min(limits.Http2.MaxRequestHeaderFieldSize, options.HeaderBytes);
    }
}
