using Recs.Api.Contracts;
using Recs.Api.Live;
using Recs.Api.Serving;

namespace Recs.Api.Endpoints;

/// <summary><c>GET /healthz</c>: the process serves; <c>GET /readyz</c>: its answers are fresh.</summary>
internal sealed class HealthEndpoints(LiveState live, Drain drain)
{
    public static IResult Alive() => Results.Json(new HealthAnswer("ok"), ApiJson.Default.HealthAnswer);

    public IResult Ready()
    {
        var status = live.Status;
        var ready = status.Ready && !drain.IsDraining;
        var word = drain.IsDraining ? "draining" : status.Fault is not null ? "faulted" : ready ? "ready" : status.IsWarmingUp ? "warming up" : "catching up";
        return Results.Json(new ReadyAnswer(word, status.Lag, status.Facts, status.Newest.ToString(), status.Fault), ApiJson.Default.ReadyAnswer,
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
