using System.CommandLine;
using System.Globalization;

namespace Recs.Pipelines.CommandLine;

/// <summary>A whole number on the command line, with a default and a range.</summary>
internal static class CountOption
{
    /// <param name="name">With its dashes.</param>
    /// <param name="usual">The default.</param>
    /// <param name="least">The smallest accepted.</param>
    /// <param name="most">The greatest accepted.</param>
    /// <param name="what">What it counts, without a full stop.</param>
    public static Option<int> Create(string name, int usual, int least, int most, string what)
    {
        var option = new Option<int>(name) { Description = string.Create(CultureInfo.InvariantCulture, $"{what}, {least:N0} to {most:N0}."), HelpName = "N", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most)) result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: range {least:N0} to {most:N0}"));
        });
        return option;
    }
}
