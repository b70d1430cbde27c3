using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Recs.Api.Serving;

/// <summary>What the OpenAPI document says beyond the routes themselves.</summary>
internal static class OpenApiText
{
    public static void Describe(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new OpenApiInfo
        {
            Title = "Recs",
            Version = "v1",
            Description = "Ranked slates of content and ads. Every error is problem+json. Money is in millionths of the currency.",
        };
        return Task.CompletedTask;
    });
}
