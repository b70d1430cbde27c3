using System.Text.Json.Serialization;

namespace Recs.Pipelines.Doctor;

/// <summary>One part of the machine or of the installation.</summary>
/// <param name="Part">A few words.</param>
/// <param name="Found">Whether it is there and works.</param>
/// <param name="Needed">Whether the demo cannot run without it.</param>
/// <param name="Detail">What was found, or what is done without it.</param>
/// <param name="Advice">What to install or do; null where nothing is missing.</param>
internal sealed record Finding(string Part, bool Found, bool Needed, string Detail, string? Advice)
{
    /// <summary>A part that is there.</summary>
    public static Finding Ok(string part, string detail, bool needed = false) => new(part, true, needed, detail, null);

    /// <summary>A part without which something else is used.</summary>
    public static Finding Without(string part, string detail, string advice) => new(part, false, false, detail, advice);

    /// <summary>A part without which the demo cannot run.</summary>
    public static Finding Missing(string part, string detail, string advice) => new(part, false, true, detail, advice);
}

/// <summary>What <c>recs doctor --json</c> writes.</summary>
/// <param name="Ready">Whether the demo can run.</param>
/// <param name="Findings">In the order shown.</param>
internal sealed record DoctorResult(bool Ready, IReadOnlyList<Finding> Findings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DoctorResult))]
internal sealed partial class DoctorJson : JsonSerializerContext;
