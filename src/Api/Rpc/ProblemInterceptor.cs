using System.Globalization;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Recs.Api.Serving;
using Recs.Api.Telemetry;
using Recs.Domain;

namespace Recs.Api.Rpc;

/// <summary>Every error leaves as a status with the sentence that HTTP would send, and none carries a stack trace.</summary>
internal sealed class ProblemInterceptor(ApiTelemetry telemetry, Action<string> log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (RefusedRequest refused)
        {
            throw Status(refused.Problem.Status, refused.Problem.Detail, refused.RetryAfter);
        }
        catch (RefusedException refused)
        {
            log($"api: {context.Method}: {refused.Message}");
            throw Status(StatusCodes.Status503ServiceUnavailable, refused.Message, TimeSpan.FromSeconds(1));
        }
        catch (Exception fault) when (fault is not (RpcException or OperationCanceledException))
        {
            log($"api: {context.Method}: {fault}");
            throw Status(StatusCodes.Status500InternalServerError, "the server met a fault of its own; its log has the details", null);
        }
    }

    private RpcException Status(int status, string detail, TimeSpan? after)
    {
        telemetry.Refused(status);
        var code = status switch
        {
            400 => StatusCode.InvalidArgument,
            401 => StatusCode.Unauthenticated,
            403 => StatusCode.PermissionDenied,
            404 => StatusCode.NotFound,
            413 => StatusCode.ResourceExhausted,
            429 or 503 => StatusCode.Unavailable,
            _ => StatusCode.Internal,
        };
        Metadata trailers = [];
        if (after is { } pause) trailers.Add("retry-after", Math.Max(1, Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
        return new(new Status(code, detail), trailers);
    }
}
