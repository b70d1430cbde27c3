using System.Globalization;
using System.Text.Json;
using Recs.Api.Contracts;
using Recs.Api.Telemetry;
using Recs.Domain;

namespace Recs.Api.Serving;

/// <summary>Every error leaves as problem+json, and none carries a stack trace.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, Action<string>? log, ApiTelemetry telemetry)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null }) await Write(http, Unanswered(http));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // nobody is left to answer
        }
        catch (Exception fault) when (!http.Response.HasStarted)
        {
            await Write(http, Of(fault, http));
        }
    }

    private Problem Of(Exception fault, HttpContext http)
    {
        switch (fault)
        {
            case RefusedRequest refused:
                if (refused.RetryAfter is { } after) http.Response.Headers.RetryAfter = ((int)Math.Max(1, Math.Ceiling(after.TotalSeconds))).ToString(CultureInfo.InvariantCulture);
                return refused.Problem;
            case BadHttpRequestException bad:
                return new(bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "request too large" : "invalid request", bad.StatusCode, bad.Message);
            case RefusedException refused:
                log?.Invoke($"api: {RequestLog.RouteOf(http)}: {refused.Message}");
                http.Response.Headers.RetryAfter = "1";
                return new("not available now", StatusCodes.Status503ServiceUnavailable, refused.Message);
            default:
                log?.Invoke($"api: {RequestLog.RouteOf(http)}: {fault}");
                return new("internal error", StatusCodes.Status500InternalServerError, "the server met a fault of its own; its log has the details");
        }
    }

    private static Problem Unanswered(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new("not found", 404, $"there is no {http.Request.Path}; see /openapi/v1.json"),
        StatusCodes.Status405MethodNotAllowed => new("method not allowed", 405, $"{http.Request.Path} does not take {http.Request.Method}; see /openapi/v1.json"),
        StatusCodes.Status415UnsupportedMediaType => new("unsupported media type", 415, JsonBody.Expected),
        var status => new("refused", status, $"{http.Request.Method} {http.Request.Path} was refused"),
    };

    private async Task Write(HttpContext http, Problem problem)
    {
        telemetry.Refused(problem.Status);
        http.Response.StatusCode = problem.Status;
        http.Response.ContentType = "application/problem+json";
        await JsonSerializer.SerializeAsync(http.Response.Body, problem, ApiJson.Default.Problem, http.RequestAborted);
    }
}
