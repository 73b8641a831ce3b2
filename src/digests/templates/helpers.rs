//! What templates may call, beside Handlebars' own `each` and `with`.
//!
//! All are functions of their values; none reads a file, a clock or the network. Each is strict: a
//! field that does not exist is an error, also as a condition of `if`.

use super::functions::{self, Call};
use crate::digests::sentinel;
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy, Output, PathAndJson, RenderContext,
    RenderError, RenderErrorReason, Renderable, ScopedJson,
};
use serde_json::Value;

/// Raised while the reader is a sentinel, by a function whose result would depend on who reads.
#[derive(Debug, thiserror::Error)]
#[error("depends on the reader")]
struct DependsOnReader;

pub(super) fn depends_on_reader(error: &RenderError) -> bool {
    match error.reason() {
        RenderErrorReason::NestedError(inner) => inner.is::<DependsOnReader>(),
        _ => false,
    }
}

/// A strict registry with our helpers and without those that write logs or look fields up by name.
pub(super) fn registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    for name in ["log", "lookup", "raw", "gte", "lte", "len"] {
        registry.unregister_helper(name);
    }
    registry.register_helper("if", Box::new(Condition { negated: false }));
    registry.register_helper("unless", Box::new(Condition { negated: true }));
    for function in functions::ALL {
        registry.register_helper(function.name, Box::new(Called(function)));
    }
    registry
}

fn present<'a>(param: &'a PathAndJson<'_>) -> Result<&'a Value, RenderError> {
    if param.is_value_missing() {
        Err(RenderError::strict_error(param.relative_path()))
    } else {
        Ok(param.value())
    }
}

/// `if` and `unless`. Handlebars' own take a misspelt field for false.
struct Condition {
    negated: bool,
}

impl HelperDef for Condition {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let missing = RenderErrorReason::ParamNotFoundForIndex("if", 0);
        let value = present(helper.param(0).ok_or(missing)?)?;
        let holds = value.is_truthy(false) != self.negated;
        let branch = if holds {
            helper.template()
        } else {
            helper.inverse()
        };
        branch.map_or(Ok(()), |branch| branch.render(registry, context, state, out))
    }
}

/// One of [`functions::ALL`]; as a block it is an `if` on its value.
struct Called(&'static functions::Function);

impl Called {
    fn value(&self, helper: &Helper, context: &Context) -> Result<Value, RenderError> {
        let mut call = Call {
            root: context.data(),
            values: Vec::new(),
            named: Vec::new(),
        };
        for param in helper.params() {
            call.values.push(present(param)?);
        }
        for (name, param) in helper.hash() {
            call.named.push((name, present(param)?));
        }
        let mut values = call
            .values
            .iter()
            .chain(call.named.iter().map(|(_, value)| value));
        if !self.0.passes_on && values.any(|value| sentinel::within(value, context.data())) {
            return Err(RenderErrorReason::NestedError(Box::new(DependsOnReader)).into());
        }
        (self.0.run)(&call).map_err(|why| RenderErrorReason::Other(format!("{}: {why}", self.0.name)).into())
    }
}

impl HelperDef for Called {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        self.value(helper, context).map(ScopedJson::Derived)
    }

    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = self.value(helper, context)?;
        if helper.is_block() {
            let holds = value.is_truthy(false);
            let branch = if holds {
                helper.template()
            } else {
                helper.inverse()
            };
            return branch.map_or(Ok(()), |branch| branch.render(registry, context, state, out));
        }
        let text = functions::shown(&value);
        let escaped = if state.is_disable_escape() {
            text
        } else {
            registry.get_escape_fn()(&text)
        };
        out.write(&escaped)?;
        Ok(())
    }
}
