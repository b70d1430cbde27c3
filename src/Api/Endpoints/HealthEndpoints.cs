using Recs.Api.Contracts;
using Recs.Api.Live;

namespace Recs.Api.Endpoints;

/// <summary><c>GET /healthz</c>: the process serves; <c>GET /readyz</c>: its answers are fresh.</summary>
internal sealed class HealthEndpoints(LiveState live)
{
    public static IResult Alive() => Results.Json(new HealthAnswer("ok"), ApiJson.Default.HealthAnswer);

    public IResult Ready()
    {
        var status = live.Status;
        var word = status.Fault is not null ? "faulted" : status.Ready ? "ready" : "catching up";
        return Results.Json(new ReadyAnswer(word, status.Lag, status.Facts, status.Newest.ToString(), status.Fault), ApiJson.Default.ReadyAnswer,
            statusCode: status.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
